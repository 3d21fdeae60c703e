//! A new value for a token, while the old one goes on for a while.

use domain::kernel::Span;

use super::{Issued, Which};
use crate::{AppError, Context, IdempotencyKey, Principal};

/// When the old value stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum EndOld {
    /// When the overlap ends.
    #[default]
    Overlap,
    /// At the first use of the new value, at the latest when the overlap ends.
    FirstUse,
}

/// How to rotate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RotateToken {
    /// How long both values work; `None` means 24 h, clamped to the old end; 0 is
    /// allowed.
    pub overlap: Option<Span>,
    /// How long the new one lives; `None` means as long as the old one did, which is
    /// also the most.
    pub lifetime: Option<Span>,
    /// When the old value stops.
    pub end_old: EndOld,
    /// So that a repeat rotates only once.
    pub idempotency: Option<IdempotencyKey>,
}

/// Makes the successor of a token: same name, owner, team, roles, scopes, labels. Any
/// valid token may rotate itself unless a role forbids it; others' need `tokens:issue`
/// (and `tokens:issue-for-others`).
///
/// # Errors
/// [`AppError::Conflict`] when revoked, expired or rotated already.
pub async fn rotate_token(
    ctx: &Context,
    principal: &Principal,
    which: &Which,
    request: RotateToken,
) -> Result<Issued, AppError> {
    let _ = (ctx, principal, which, request);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
