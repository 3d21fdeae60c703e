//! Turns the words of the configuration into recipients.

use domain::notice::AudienceSettings;
use domain::people::Directory;

use crate::Audience;

/// Whom the words of the configuration mean. A word that means nobody (a team that does
/// not exist yet) is left out: the catch-all or everybody with `Admin` hears instead.
pub fn audience_settings(audience: &Audience, directory: &Directory) -> AudienceSettings {
    let admins = audience.admins.iter();
    AudienceSettings {
        admins: admins
            .filter_map(|word| directory.recipient_named(word))
            .collect(),
        catch_all: audience.catch_all.clone(),
    }
}
