//! Who answers for what another system issued, where that system does not say?
//!
//! Fills what is missing and says who can still act. Never takes away what people have
//! set by hand, nor what the issuer says; never touches tokens issued here, whose rights
//! hang on their owner.

use serde::{Deserialize, Serialize};

use crate::kernel::Instant;
use crate::people::Directory;

use super::{Credential, Matcher};

/// A rule of the configuration about owners: the first that matches and says who fills
/// what is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerRule {
    /// Which credentials.
    #[serde(rename = "match")]
    pub matches: Matcher,
    /// The owner: an address, an id, or the name of a service account.
    #[serde(default)]
    pub owner: Option<String>,
    /// The team that answers: a name or an id.
    #[serde(default)]
    pub team: Option<String>,
}

/// The credential as it stands under the rules and the people of this moment; `None` when
/// it stands so already. Names that mean nobody yet fill nothing.
pub fn governed(
    credential: &Credential,
    rules: &[OwnerRule],
    directory: &Directory,
    now: Instant,
) -> Option<Credential> {
    if credential.is_issued_here() || credential.revoked_at.is_some() {
        return None;
    }
    let mut after = credential.clone();
    let meant = |rule: &&OwnerRule| rule.matches.matches(credential, directory, now);
    let matching: Vec<&OwnerRule> = rules.iter().filter(meant).collect();
    if after.owner.is_none() {
        let named = matching.iter().filter_map(|rule| rule.owner.as_deref());
        after.owner = named.filter_map(|word| directory.owner_named(word)).next();
    }
    if after.team.is_none() {
        let named = matching.iter().filter_map(|rule| rule.team.as_deref());
        let team = named.filter_map(|word| directory.team_named(word)).next();
        after.team = team.map(|team| team.id.clone());
    }
    let owner = after.owner.as_ref();
    after.orphaned = !owner.is_some_and(|owner| directory.owner_is_active(owner, now));
    (after != *credential).then_some(after)
}
