//! Who hears of credentials besides those who answer for them, by what the configuration
//! or somebody here says of all of a kind.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::kernel::{Instant, WatchId};
use crate::people::{Directory, Recipient};

use super::{Credential, Matcher};

/// A rule about watchers. All rules that match count, wherever they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatcherRule {
    /// Which credentials.
    #[serde(rename = "match")]
    pub matches: Matcher,
    /// Who hears: `team:NAME`, an address, a person's id.
    pub notify: Vec<String>,
}

/// A rule that somebody made here, beside those of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// Which one.
    pub id: WatchId,
    /// Which credentials, and who hears of them: `person:ID`, `team:ID` or `address:EMAIL`.
    pub rule: WatcherRule,
    /// Who made it, as the audit log spells actors.
    pub by: String,
    /// When.
    pub created_at: Instant,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// The watchers that rules add to a credential's own. Words that mean nobody yet, or nobody
/// any more, add nobody.
pub fn watchers_by_rule<'a>(
    credential: &Credential,
    rules: impl IntoIterator<Item = &'a WatcherRule>,
    directory: &Directory,
    now: Instant,
) -> BTreeSet<Recipient> {
    let meant = |rule: &&WatcherRule| rule.matches.matches(credential, directory, now);
    let rules = rules.into_iter().filter(meant);
    let words = rules.flat_map(|rule| &rule.notify);
    words
        .filter_map(|word| directory.recipient_named(word))
        .collect()
}
