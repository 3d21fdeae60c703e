//! What an alert is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::{ChannelId, CredentialId, MonitorId, SourceId};

/// What an alert is about. Written `credential:…`, `source:…`, `channel:…`,
/// `monitor:…`, `review:…`, `system:…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// A credential nears its end, or something is wrong with it.
    Credential(CredentialId),
    /// A watched system cannot be read.
    Source(SourceId),
    /// A way out does not work.
    Channel(ChannelId),
    /// An integration fell silent.
    Monitor(MonitorId),
    /// A recurring review is due.
    Review(String),
    /// Forewarn itself: `notifier`, `audience`, `outbox`, `catch-all`.
    System(String),
}

/// A text that names no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no subject")]
pub struct SubjectError(pub String);

/// Which standing fact an alert is. With the subject it makes the fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A credential nears or passed its end.
    Expiry,
    /// An ended credential is still being used.
    UsedAfterEnd,
    /// A replaced token is still used after half its overlap.
    UsedInOverlap,
    /// Its issuer refuses the credential, although nothing says that it ended.
    Refused,
    /// A credential that was used regularly is used no longer.
    FellSilent,
    /// Nobody who can act owns the credential.
    Orphaned,
    /// Nobody would hear of the credential's end.
    Unheard,
    /// A person carries an integration with the credential.
    Carried,
    /// A source cannot be read.
    Blind,
    /// A listing lacks most of what was known at once.
    Vanished,
    /// A channel does not deliver.
    Undeliverable,
    /// An integration fell silent.
    Silent,
    /// A review is due.
    ReviewDue,
    /// Forewarn has no way to reach a person.
    NoWayOut,
    /// Credentials lapsed while Forewarn was down.
    LapsedWhileDown,
    /// Forewarn's own scheduler stands still.
    Stalled,
}

impl AlertKind {
    /// The word on the wire and in keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::UsedAfterEnd => "used_after_end",
            Self::UsedInOverlap => "used_in_overlap",
            Self::Refused => "refused",
            Self::FellSilent => "fell_silent",
            Self::Orphaned => "orphaned",
            Self::Unheard => "unheard",
            Self::Carried => "carried",
            Self::Blind => "blind",
            Self::Vanished => "vanished",
            Self::Undeliverable => "undeliverable",
            Self::Silent => "silent",
            Self::ReviewDue => "review_due",
            Self::NoWayOut => "no_way_out",
            Self::LapsedWhileDown => "lapsed_while_down",
            Self::Stalled => "stalled",
        }
    }
}

impl Subject {
    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// Any other form.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        let error = || SubjectError(text.chars().take(80).collect());
        let (kind, rest) = text.split_once(':').ok_or_else(error)?;
        match kind {
            "credential" => CredentialId::parse(rest)
                .map(Self::Credential)
                .map_err(|_| error()),
            "source" => SourceId::parse(rest).map(Self::Source).map_err(|_| error()),
            "channel" => ChannelId::parse(rest)
                .map(Self::Channel)
                .map_err(|_| error()),
            "monitor" => MonitorId::parse(rest)
                .map(Self::Monitor)
                .map_err(|_| error()),
            "review" => Ok(Self::Review(rest.to_owned())),
            "system" => Ok(Self::System(rest.to_owned())),
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(id) => write!(f, "credential:{id}"),
            Self::Source(id) => write!(f, "source:{id}"),
            Self::Channel(id) => write!(f, "channel:{id}"),
            Self::Monitor(id) => write!(f, "monitor:{id}"),
            Self::Review(id) => write!(f, "review:{id}"),
            Self::System(id) => write!(f, "system:{id}"),
        }
    }
}

impl TryFrom<String> for Subject {
    type Error = SubjectError;
    fn try_from(text: String) -> Result<Self, SubjectError> {
        Self::parse(&text)
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}
