//! Which policy applies to which credential?

use serde::{Deserialize, Serialize};

use crate::inventory::Credential;
use crate::kernel::Instant;
use crate::people::Directory;

use super::Policy;

/// All policies of the configuration.
///
/// The first that matches applies. They are asked in this order, whatever the order in
/// which they were written: the one with the most conditions first, by name where two have
/// as many; `default` where none matches. So a policy for `source` and `team` wins over
/// one for `source` alone, and moving a table in the file changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// What applies where nothing else does.
    pub default: Policy,
    /// The others, in the order in which they are asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<Policy>,
}

impl Policies {
    /// Puts them into the order in which they are asked.
    pub fn new(default: Policy, mut others: Vec<Policy>) -> Self {
        let rank = |p: &Policy| (std::cmp::Reverse(p.matches.conditions()), p.name.clone());
        others.sort_by_key(rank);
        Self { default, others }
    }

    /// The policy that applies to a credential at `now`.
    pub fn for_credential(
        &self,
        credential: &Credential,
        directory: &Directory,
        now: Instant,
    ) -> &Policy {
        let fits = |p: &&Policy| p.matches.matches(credential, directory, now);
        self.others.iter().find(fits).unwrap_or(&self.default)
    }

    /// The next instant after `now` at which another policy may apply by time alone:
    /// because the credential was not used for so long.
    pub fn turns_at(&self, credential: &Credential, now: Instant) -> Option<Instant> {
        let turns = |p: &Policy| p.matches.turns_at(credential, now);
        self.others.iter().filter_map(turns).min()
    }

    /// Whether any policy looks at use, so that a use may change which one applies.
    pub fn look_at_use(&self) -> bool {
        let looks = |p: &Policy| p.matches.used_within.is_some() || p.matches.unused_for.is_some();
        self.others.iter().any(looks)
    }

    /// All, in the order in which they are asked; `default` last.
    pub fn in_order(&self) -> impl Iterator<Item = &Policy> {
        self.others.iter().chain([&self.default])
    }

    /// The same with one of them replaced or added, by name.
    #[must_use]
    pub fn with(&self, policy: Policy) -> Self {
        if policy.name == self.default.name {
            return Self::new(policy, self.others.clone());
        }
        let kept = self.others.iter().filter(|p| p.name != policy.name);
        let others = kept.cloned().chain([policy.clone()]).collect();
        Self::new(self.default.clone(), others)
    }
}
