//! Removing a monitor.

use super::read::{handles, visible};
use super::told;
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal};

/// Removes a monitor: its address works no longer, and an open alert about it is over.
/// Allowed to its owner, a member of its team, or with `alerts:write`.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn remove_monitor(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<(), AppError> {
    until_settled!(attempt(ctx, principal, id))
}

async fn attempt(ctx: &Context, principal: &Principal, id: &str) -> Result<(), AppError> {
    let monitor = visible(ctx, principal, id, &["alerts:read", "alerts:write"]).await?;
    if !handles(ctx, principal, &monitor, &["alerts:write"]).await? {
        let to_do = "to remove monitors of others";
        return Err(AppError::lacks("alerts:write", to_do));
    }
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::RemoveMonitor(monitor.id.clone(), monitor.version))
        .look_at_monitor(&monitor.id)
        .audit("monitor.remove", monitor.id.to_string(), told(&monitor));
    unit.commit(ctx).await
}
