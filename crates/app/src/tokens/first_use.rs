//! When was a value first used? Shows after a rotation that the new one is in place.

use domain::inventory::Credential;
use domain::kernel::Instant;

use crate::{AppError, Context};

/// When the token of this credential was first used; `None` for one that never was, and for
/// one that was used before this was kept. The credential comes from one of the use cases
/// that read tokens, which narrow who sees it.
///
/// # Errors
/// The store's.
pub async fn first_use(ctx: &Context, token: &Credential) -> Result<Option<Instant>, AppError> {
    if let Some(at) = ctx.store.first_use(&token.id).await? {
        return Ok(Some(at));
    }
    // A first use that is in memory and not written down yet.
    let counted = ctx.store.uses(&token.id).await? > 0;
    Ok(token.last_used_at.filter(|_| !counted))
}
