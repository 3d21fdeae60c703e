//! What comes next of alerts that the caller has seen, and which of them they may handle.

use domain::inventory::Credential;
use domain::kernel::Span;

use super::AlertItem;
use crate::sight::Sight;
use crate::sweep::{Forecast, forecast_of};
use crate::{AppError, Context, Principal};

/// What will be said of the credentials that these alerts are about, in order of time, if
/// nobody acts. `items` come from [`super::list_alerts`] or [`super::get_alert`].
///
/// # Errors
/// The store's.
pub async fn foresee_alerts(
    ctx: &Context,
    items: &[AlertItem],
    span: Span,
) -> Result<Forecast, AppError> {
    let credentials = items.iter().filter_map(|item| item.credential.clone());
    let credentials: Vec<Credential> = credentials.collect();
    let mut forecast = forecast_of(ctx, &credentials, span).await?;
    forecast.notices.sort_by_key(|notice| notice.at);
    forecast.keep_first_words();
    Ok(forecast)
}

/// Which of these the caller may acknowledge, snooze and let lapse, one answer each.
///
/// # Errors
/// The store's.
pub async fn which_handled(
    ctx: &Context,
    principal: &Principal,
    items: &[AlertItem],
) -> Result<Vec<bool>, AppError> {
    if principal.holds("alerts:write") {
        return Ok(vec![true; items.len()]);
    }
    let directory = ctx.store.directory().await?;
    let sight = Sight::of(principal, &directory);
    Ok(items.iter().map(|item| item.is_seen(&sight)).collect())
}
