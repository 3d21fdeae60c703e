//! "Read it now."

use domain::kernel::SourceId;

use crate::ports::SourceState;
use crate::unit::Unit;
use crate::{AppError, Context, Principal};

/// Wakes the observers before their time. Needs `sources:write`. Answers the state as it
/// stands; the read goes on behind it.
///
/// # Errors
/// [`AppError::NotFound`] for a source that was never read.
pub async fn request_sync(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<SourceState, AppError> {
    if !principal.grant.holds("sources:write") {
        return Err(AppError::lacks("sources:write", "to have a source read"));
    }
    let unknown = || AppError::not_found(format!("source `{id}`"));
    let key = SourceId::parse(id).map_err(|_| unknown())?;
    let state = ctx.store.source(&key).await?.ok_or_else(unknown)?;
    let mut unit = Unit::of(principal, ctx.now());
    let details = serde_json::json!({});
    unit.audit("source.sync", format!("source:{key}"), details);
    unit.commit(ctx).await?;
    ctx.sync_wanted.notify_one();
    Ok(state)
}
