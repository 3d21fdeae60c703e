//! How the sources do.

use crate::ports::SourceState;
use crate::{AppError, Context, Principal};

/// All sources that were read at least once, by id. Needs `sources:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_sources(
    ctx: &Context,
    principal: &Principal,
) -> Result<Vec<SourceState>, AppError> {
    if !principal.grant.holds("sources:read") {
        return Err(AppError::lacks("sources:read", "to see the sources"));
    }
    let mut sources = ctx.store.sources().await?;
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(sources)
}
