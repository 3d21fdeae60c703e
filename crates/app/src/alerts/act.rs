//! Acknowledge, snooze, let lapse: allowed to owner, team, or with `alerts:write`.

use domain::kernel::Instant;

use super::AlertItem;
use crate::{AppError, Context, Principal};

/// "Somebody is on it": no repeats and no escalation until the next step.
///
/// # Errors
/// [`AppError::Conflict`] when the alert is over.
pub async fn acknowledge(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    note: Option<String>,
) -> Result<AlertItem, AppError> {
    let _ = (ctx, principal, id, note);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// "Not before `until`", at the latest a day before the end.
///
/// # Errors
/// [`AppError::Conflict`] when over or on the last day, [`AppError::Invalid`] for the
/// past.
pub async fn snooze(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    until: Instant,
) -> Result<AlertItem, AppError> {
    let _ = (ctx, principal, id, until);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// Takes a snooze back.
///
/// # Errors
/// [`AppError::Conflict`] when there is none.
pub async fn unsnooze(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<AlertItem, AppError> {
    let _ = (ctx, principal, id);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// "It may lapse": bound to the end the alert is about.
///
/// # Errors
/// [`AppError::Conflict`] when over, ended, or not about an end.
pub async fn let_lapse(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    reason: Option<String>,
) -> Result<AlertItem, AppError> {
    let _ = (ctx, principal, id, reason);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
