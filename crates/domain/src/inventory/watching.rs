//! Who hears of credentials besides those who answer for them, by what the configuration
//! says of all of a kind.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::kernel::Instant;
use crate::people::{Directory, Recipient};

use super::{Credential, Matcher};

/// A rule of the configuration about watchers. All rules that match count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatcherRule {
    /// Which credentials.
    #[serde(rename = "match")]
    pub matches: Matcher,
    /// Who hears: `team:NAME`, an address, a person's id.
    pub notify: Vec<String>,
}

/// The watchers that rules add to a credential's own. Words that mean nobody yet add
/// nobody until they do.
pub fn watchers_by_rule(
    credential: &Credential,
    rules: &[WatcherRule],
    directory: &Directory,
    now: Instant,
) -> BTreeSet<Recipient> {
    let meant = |rule: &&WatcherRule| rule.matches.matches(credential, directory, now);
    let words = rules.iter().filter(meant).flat_map(|rule| &rule.notify);
    words
        .filter_map(|word| directory.recipient_named(word))
        .collect()
}
