//! Whoever can be told something.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::{ChannelId, Email, PersonId, TeamId};

/// Whoever can be told something. Written `person:…`, `team:…`, `address:…`,
/// `channel:…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Recipient {
    /// One person, through the ways that reach persons.
    Person(PersonId),
    /// A team that has an address of its own; otherwise its members are told.
    Team(TeamId),
    /// An address from the configuration, such as the catch-all.
    Address(Email),
    /// A shared channel (webhook, chat room, pager) that is told by itself.
    Channel(ChannelId),
}

/// Why a text names no recipient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no recipient: person:ID, team:ID, address:EMAIL or channel:ID is wanted")]
pub struct RecipientError(pub String);

impl Recipient {
    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// Any other form.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        let error = || RecipientError(text.chars().take(80).collect());
        let (kind, rest) = text.split_once(':').ok_or_else(error)?;
        match kind {
            "person" => PersonId::parse(rest).map(Self::Person).map_err(|_| error()),
            "team" => TeamId::parse(rest).map(Self::Team).map_err(|_| error()),
            "address" => Email::parse(rest).map(Self::Address).map_err(|_| error()),
            "channel" => ChannelId::parse(rest)
                .map(Self::Channel)
                .map_err(|_| error()),
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Team(id) => write!(f, "team:{id}"),
            Self::Address(email) => write!(f, "address:{email}"),
            Self::Channel(id) => write!(f, "channel:{id}"),
        }
    }
}

impl TryFrom<String> for Recipient {
    type Error = RecipientError;
    fn try_from(text: String) -> Result<Self, RecipientError> {
        Self::parse(&text)
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}
