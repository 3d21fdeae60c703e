//! Whether a token may be rotated, and until when both values work.
//!
//! Makes no value and grants nothing: whether roles and scopes may be granted again is
//! the ceiling's question.

use crate::kernel::{CredentialId, Instant, RoleName, Span};

use super::{IssueEnd, SHORTEST_LIFETIME};

/// How long both values work when nobody says.
pub const DEFAULT_OVERLAP: Span = Span::hours(24);

/// How a rotation is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RotateRequest {
    /// How long both values work; `None` means [`DEFAULT_OVERLAP`], or as long as the new
    /// one lives if that is less; clamped to the old end; 0 ends the old value at once.
    pub overlap: Option<Span>,
    /// How long the new one lives; `None` means as long as the old one did.
    pub lifetime: Option<Span>,
    /// Whether the first use of the new value ends the old one.
    pub first_use: bool,
    /// The role of the token that forbids rotating itself, if it is the token itself
    /// that asks.
    pub forbidden_by: Option<RoleName>,
}

/// The token that shall be rotated, as far as the decision looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldToken {
    /// When it was issued.
    pub issued_at: Instant,
    /// When it ends; `None` means never.
    pub ends_at: Option<Instant>,
    /// When it was meant to end before an earlier rotation cut its life; `None` means
    /// never. How long a successor may live follows it.
    pub meant_to_end_at: Option<Instant>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether its owner is disabled.
    pub suspended: bool,
    /// The token that replaced it already.
    pub rotated_to: Option<CredentialId>,
}

/// A rotation that may go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// When the new token ends.
    pub new_ends_at: Instant,
    /// When the old value stops at the latest; never later than its end was.
    pub old_ends_at: Instant,
    /// Whether the first use of the new value ends the old one before that.
    pub first_use: bool,
}

/// Why a token cannot be rotated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// It is over: revoked.
    #[error("this token was revoked and cannot be rotated; issue a new one")]
    Revoked,
    /// It is over: its end has passed.
    #[error("this token has expired and cannot be rotated; issue a new one")]
    Expired,
    /// Its owner is disabled.
    #[error("the owner of this token is disabled; enable the owner, then rotate")]
    Suspended,
    /// It has a successor already.
    #[error(
        "this token was rotated already, to {0}; if the new value was lost, rotate {0} instead"
    )]
    AlreadyRotated(CredentialId),
    /// One of its roles forbids it.
    #[error(
        "the role `{0}` forbids tokens to rotate themselves; ask somebody who may issue tokens"
    )]
    RoleForbids(RoleName),
    /// Less than nothing.
    #[error("an overlap cannot be negative; 0s ends the old value at once")]
    NegativeOverlap,
    /// Longer than the old one's.
    #[error(
        "a rotated token lives at most as long as the old one did, {0}; issue a new one to live longer"
    )]
    LifetimeTooLong(Span),
    /// Under a minute.
    #[error("a token must live for at least 60 seconds from now")]
    LifetimeTooShort,
    /// Before the old one: while both work nobody is warned of the old one, for the new one
    /// is there.
    #[error(
        "the new value would work for {new}, and the old one beside it for {old}; ask for a longer lifetime or a shorter overlap"
    )]
    NewEndsFirst {
        /// How long the new value would work.
        new: Span,
        /// How long the old one would.
        old: Span,
    },
    /// Past the year 9999.
    #[error("a token must end before the year 10000; ask for a shorter lifetime")]
    TooFar,
}

/// Decides on a rotation of the token `old` at `now`.
///
/// # Errors
/// One variant per reason; state before request, so that a dead token says so whatever
/// is asked.
pub fn rotate(
    old: &OldToken,
    request: &RotateRequest,
    now: Instant,
) -> Result<Rotation, RotateError> {
    may_rotate(old, now)?;
    if let Some(role) = &request.forbidden_by {
        return Err(RotateError::RoleForbids(role.clone()));
    }
    let overlap = request.overlap.unwrap_or(DEFAULT_OVERLAP);
    if overlap < Span::ZERO {
        return Err(RotateError::NegativeOverlap);
    }
    let wanted = now.checked_add(overlap).unwrap_or(Instant::MAX);
    let new_ends_at = new_end(old, request.lifetime, now)?;
    let old_ends_at = old.ends_at.map_or(wanted, |end| end.min(wanted));
    // Who asked for no overlap gets one that fits.
    let old_ends_at = match request.overlap {
        None => old_ends_at.min(new_ends_at),
        Some(_) => old_ends_at,
    };
    if new_ends_at < old_ends_at {
        let (new, old) = (now.until(new_ends_at), now.until(old_ends_at));
        return Err(RotateError::NewEndsFirst { new, old });
    }
    Ok(Rotation {
        new_ends_at,
        old_ends_at,
        first_use: request.first_use,
    })
}

fn may_rotate(old: &OldToken, now: Instant) -> Result<(), RotateError> {
    if old.revoked {
        return Err(RotateError::Revoked);
    }
    if old.ends_at.is_some_and(|end| end <= now) {
        return Err(RotateError::Expired);
    }
    if old.suspended {
        return Err(RotateError::Suspended);
    }
    match &old.rotated_to {
        Some(to) => Err(RotateError::AlreadyRotated(to.clone())),
        None => Ok(()),
    }
}

fn new_end(old: &OldToken, asked: Option<Span>, now: Instant) -> Result<Instant, RotateError> {
    let most = old.meant_to_end_at.map(|end| old.issued_at.until(end));
    let lifetime = match (asked, most) {
        (Some(asked), Some(most)) if asked > most => {
            return Err(RotateError::LifetimeTooLong(most));
        }
        (Some(asked), _) => asked,
        (None, most) => most.unwrap_or(super::DEFAULT_LIFETIME),
    };
    if lifetime < SHORTEST_LIFETIME {
        return Err(RotateError::LifetimeTooShort);
    }
    IssueEnd::For(lifetime)
        .resolve(now)
        .map_err(|_| RotateError::TooFar)
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
