//! Whether a credential works.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kernel::Instant;

use super::{Credential, End};

/// Whether a credential works. The states are disjoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Works, as far as is known.
    Active,
    /// Does not work while its owner is disabled; may revive.
    Suspended,
    /// Its end is at or before now.
    Expired,
    /// Somebody ended it.
    Revoked,
    /// Its source no longer lists it.
    Gone,
    /// Works, but nobody knows until when.
    UnknownEnd,
}

/// A word that names no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a state; active, suspended, expired, revoked, gone and unknown_end are")]
pub struct StateError(pub String);

impl State {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Active,
        Self::Suspended,
        Self::Expired,
        Self::Revoked,
        Self::Gone,
        Self::UnknownEnd,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Gone => "gone",
            Self::UnknownEnd => "unknown_end",
        }
    }
}

impl Credential {
    /// The state at `now`. Revoked wins over gone, gone over expired, expired over
    /// suspended.
    pub fn state(&self, now: Instant) -> State {
        let ended = matches!(self.end, End::Known(end) if end <= now);
        match (self.revoked_at, self.gone_at) {
            (Some(_), _) => State::Revoked,
            (_, Some(_)) => State::Gone,
            _ if ended => State::Expired,
            _ if self.suspended => State::Suspended,
            _ if self.end == End::Unknown => State::UnknownEnd,
            _ => State::Active,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = StateError;
    fn from_str(word: &str) -> Result<Self, StateError> {
        Self::ALL
            .into_iter()
            .find(|s| s.as_str() == word)
            .ok_or_else(|| StateError(word.chars().take(64).collect()))
    }
}
