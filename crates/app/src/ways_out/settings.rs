//! Turns the words of the configuration into recipients.

use domain::kernel::{Email, PersonId};
use domain::notice::AudienceSettings;
use domain::people::{Directory, Recipient};

use crate::Audience;

/// Whom the words of the configuration mean. A word that means nobody (a team that does
/// not exist yet) is left out: the catch-all or everybody with `Admin` hears instead.
pub fn audience_settings(audience: &Audience, directory: &Directory) -> AudienceSettings {
    let admins = audience.admins.iter();
    AudienceSettings {
        admins: admins
            .filter_map(|word| resolve_recipient(word, directory))
            .collect(),
        catch_all: audience.catch_all.clone(),
    }
}

/// `team:NAME` or `team:ID`, an address, `person:ID`, a person's id; `None` when it
/// means nobody.
pub fn resolve_recipient(word: &str, directory: &Directory) -> Option<Recipient> {
    if let Some(team) = word.strip_prefix("team:") {
        let team = directory.team_named(team)?;
        return Some(Recipient::Team(team.id.clone()));
    }
    let address = word.strip_prefix("address:").unwrap_or(word);
    if let Ok(email) = Email::parse(address) {
        let person = directory.person_by_email(&email);
        return Some(match person {
            Some(person) => Recipient::Person(person.id.clone()),
            None => Recipient::Address(email),
        });
    }
    let id = PersonId::parse(word.strip_prefix("person:").unwrap_or(word)).ok()?;
    directory
        .persons
        .contains_key(&id)
        .then_some(Recipient::Person(id))
}
