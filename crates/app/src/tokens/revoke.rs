//! The end of a token, at once.

use super::{TokenItem, Which};
use crate::{AppError, Context, Principal};

/// Revokes a token; the first request that starts after the answer fails. Revoking
/// again answers the same. Any token may revoke itself, an owner its tokens; others'
/// need `tokens:revoke`.
///
/// # Errors
/// [`AppError::Conflict`] for the last token that holds `*`.
pub async fn revoke_token(
    ctx: &Context,
    principal: &Principal,
    which: &Which,
) -> Result<TokenItem, AppError> {
    let _ = (ctx, principal, which);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
