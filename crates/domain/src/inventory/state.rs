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

    /// The state at `now`. Revoked wins over gone, gone over expired, expired over
    /// suspended, suspended over an unknown end.
    pub fn of(
        end: End,
        revoked_at: Option<Instant>,
        gone_at: Option<Instant>,
        suspended: bool,
        now: Instant,
    ) -> Self {
        let ended = matches!(end, End::Known(end) if end <= now);
        match (revoked_at, gone_at) {
            (Some(_), _) => Self::Revoked,
            (_, Some(_)) => Self::Gone,
            _ if ended => Self::Expired,
            _ if suspended => Self::Suspended,
            _ if end == End::Unknown => Self::UnknownEnd,
            _ => Self::Active,
        }
    }

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
    /// The state at `now`; see [`State::of`].
    pub fn state(&self, now: Instant) -> State {
        State::of(self.end, self.revoked_at, self.gone_at, self.suspended, now)
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
