//! "Read it now."

use crate::unit::Unit;
use crate::{AppError, Context, Principal};

use super::SourceItem;
use super::read::find;

/// Wakes the observers before their time. Needs `sources:write`. Answers the source as it
/// stands; the read goes on behind it.
///
/// # Errors
/// [`AppError::NotFound`] for a source that is not known; [`AppError::Conflict`] for one
/// that is not read, since others push to it or the configuration no longer names it.
pub async fn request_sync(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<SourceItem, AppError> {
    principal.need("sources:write", "to have a source read")?;
    let state = find(ctx, id).await?;
    if !ctx.connectors.load().contains_key(&state.id) {
        let sentence = format!(
            "source `{}` is not read: others push to it, or the configuration no longer names it",
            state.id
        );
        return Err(AppError::conflict(sentence));
    }
    let mut unit = Unit::of(principal, ctx.now());
    let details = serde_json::json!({});
    unit.audit("source.sync", format!("source:{}", state.id), details);
    unit.commit(ctx).await?;
    ctx.readings.want(&state.id);
    ctx.sync_wanted.notify_one();
    Ok(SourceItem::of(ctx, state))
}
