//! Taking a rule about watchers back: who was named hears of no new step.

use super::create::{look_again, told};
use super::read::{is_own, load};
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal};

/// Removes a rule. Its own everybody may remove whom alone it tells; others need
/// `credentials:write`. What waits to be sent already still is.
///
/// # Errors
/// [`AppError::NotFound`], also for what the caller may not see.
pub async fn remove_watch(ctx: &Context, principal: &Principal, id: &str) -> Result<(), AppError> {
    let removed = until_settled!(attempt(ctx, principal, id))?;
    look_again(ctx, &removed).await
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<domain::inventory::Watch, AppError> {
    let watch = load(ctx, principal, id).await?;
    if !is_own(&watch, principal) {
        principal.need("credentials:write", "to take from others what they watch")?;
    }
    let mut unit = Unit::of(principal, ctx.now());
    let target = format!("watch:{}", watch.id);
    unit.write(Write::RemoveWatch(watch.id.clone(), watch.version))
        .audit("watch.remove", target, told(&watch));
    unit.commit(ctx).await?;
    Ok(watch)
}
