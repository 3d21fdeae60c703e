//! A named grant.

use serde::{Deserialize, Serialize};

use crate::kernel::RoleName;

use super::Grant;

/// A named grant that tokens, persons and service accounts can hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, which is its id.
    pub name: RoleName,
    /// What it is for, in a sentence.
    pub description: String,
    /// What it allows.
    pub grant: Grant,
    /// True for the roles that Forewarn brings and nobody may change.
    pub fixed: bool,
    /// Whether a token with this role may rotate itself. One role that forbids it is
    /// enough to forbid it.
    #[serde(default = "yes")]
    pub may_rotate_itself: bool,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// What a role says that knows nothing of it.
const fn yes() -> bool {
    true
}

impl Role {
    /// The roles of a fresh installation: `Admin`, `Analyst` and `None` are fixed,
    /// `Continuous Integration` and `Sensor Creator` are examples that may be edited.
    pub fn built_in() -> Vec<Self> {
        let reads: Vec<&str> = super::OWN_SCOPES
            .into_iter()
            .filter(|s| s.ends_with(":read"))
            .collect();
        [
            (
                "Admin",
                "Everything, the organisation's own scopes included.",
                vec!["*"],
                true,
            ),
            (
                "Analyst",
                "Reads everything Forewarn knows; changes nothing.",
                reads,
                true,
            ),
            ("None", "Nothing but asking about oneself.", vec![], true),
            (
                "Continuous Integration",
                "Example: a pipeline that reads the inventory.",
                vec!["credentials:read"],
                false,
            ),
            (
                "Sensor Creator",
                "Example: issues tokens for sensors.",
                vec!["tokens:issue", "sensors:write"],
                false,
            ),
        ]
        .into_iter()
        .filter_map(|(name, description, words, fixed)| {
            Some(Self {
                name: RoleName::parse(name).ok()?,
                description: description.to_owned(),
                grant: Grant::parse(&words).ok()?,
                fixed,
                may_rotate_itself: true,
                version: 0,
            })
        })
        .collect()
    }
}
