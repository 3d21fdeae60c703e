//! "Nothing about these until then": steps that are entered meanwhile are kept back.
//!
//! Never silences the last day before an end, nor what comes after it, nor any surface.

use serde::{Deserialize, Serialize};

use crate::inventory::{Credential, Matcher, MatcherError};
use crate::kernel::{Instant, SilenceId, Span};
use crate::people::Directory;

/// The longest silence.
const LONGEST: Span = Span::days(366);

/// A wish of one person to hear nothing about some credentials for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Which one.
    pub id: SilenceId,
    /// About which credentials.
    pub matches: Matcher,
    /// From when on, inclusive.
    pub starts_at: Instant,
    /// Until when, exclusive.
    pub ends_at: Instant,
    /// Who asked for it, as the audit log spells actors.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it was asked for.
    pub created_at: Instant,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// The time in which one credential is silenced, `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silenced {
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
}

/// Why a silence was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SilenceError {
    /// It means everything, or a time that is none.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// It ends before it begins, or in the past.
    #[error("a silence must end in the future and after it starts")]
    EndsBefore,
    /// Longer than a year.
    #[error("a silence may last a year at most; make another one then")]
    TooLong,
}

impl Silence {
    /// Refuses what would silence everything, nothing, or for longer than a year.
    ///
    /// # Errors
    /// See [`SilenceError`].
    pub fn check(&self, now: Instant) -> Result<(), SilenceError> {
        self.matches.check()?;
        if self.ends_at <= now || self.ends_at <= self.starts_at {
            return Err(SilenceError::EndsBefore);
        }
        if self.starts_at.max(now).until(self.ends_at) > LONGEST {
            return Err(SilenceError::TooLong);
        }
        Ok(())
    }

    /// When this silence keeps the credential's steps back; `None` where it is not meant.
    pub fn of(
        &self,
        credential: &Credential,
        directory: &Directory,
        now: Instant,
    ) -> Option<Silenced> {
        let meant = now < self.ends_at && self.matches.matches(credential, directory, now);
        meant.then_some(Silenced {
            from: self.starts_at,
            until: self.ends_at,
        })
    }
}
