//! Whom does a policy want to hear a step?
//!
//! Names groups only; who is behind them, and who can be reached, is decided in `notice`.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::{Email, PersonId, Span};

use super::Step;

/// Somebody whom a policy names. Written `owner`, `team`, `parent-team`, `admins`,
/// `channels`, `pager`, or as the configuration names recipients: `team:NAME`, an address,
/// `person:ID`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Whom {
    /// The accountable one.
    Owner,
    /// The team that answers for it.
    Team,
    /// The teams above that one.
    ParentTeam,
    /// Administrators.
    Admins,
    /// The shared channels that are no pagers.
    Channels,
    /// The shared channels that are.
    Pager,
    /// A recipient by name.
    Named(String),
}

/// A text that names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is none of owner, team, parent-team, admins, channels, pager, team:NAME, person:ID and an address"
)]
pub struct WhomError(pub String);

/// Who hears a step, and every deeper one up to the next rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudienceRule {
    /// From this step on.
    pub from: Step,
    /// These hear, and whoever watches.
    pub whom: BTreeSet<Whom>,
}

/// Who hears besides, once a step was said and nobody acknowledged it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// So long after the step was said.
    pub after: Span,
    /// These.
    pub to: BTreeSet<Whom>,
}

impl Whom {
    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// Any other form.
    pub fn parse(text: &str) -> Result<Self, WhomError> {
        Ok(match text {
            "owner" => Self::Owner,
            "team" => Self::Team,
            "parent-team" => Self::ParentTeam,
            "admins" => Self::Admins,
            "channels" => Self::Channels,
            "pager" => Self::Pager,
            _ if is_recipient(text) => Self::Named(text.to_owned()),
            _ => return Err(WhomError(text.chars().take(80).collect())),
        })
    }

    /// Whether a person may be behind it.
    pub fn is_person(&self) -> bool {
        !matches!(self, Self::Channels | Self::Pager)
    }
}

fn is_recipient(text: &str) -> bool {
    let person = text.strip_prefix("person:").unwrap_or(text);
    text.strip_prefix("team:")
        .is_some_and(|name| !name.trim().is_empty())
        || Email::parse(text.strip_prefix("address:").unwrap_or(text)).is_ok()
        || (person.starts_with("per_") && PersonId::parse(person).is_ok())
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Owner => "owner",
            Self::Team => "team",
            Self::ParentTeam => "parent-team",
            Self::Admins => "admins",
            Self::Channels => "channels",
            Self::Pager => "pager",
            Self::Named(word) => word,
        })
    }
}

impl TryFrom<String> for Whom {
    type Error = WhomError;
    fn try_from(text: String) -> Result<Self, WhomError> {
        Self::parse(&text)
    }
}

impl From<Whom> for String {
    fn from(whom: Whom) -> Self {
        whom.to_string()
    }
}
