//! What a token would be, and what would be said of its end, before it is issued.
//!
//! Asks what issuing asks and what the forecast asks. Writes nothing; nobody sees a value.

use domain::kernel::Span;

use super::draft::make;
use super::issue::decide;
use super::read::get_token;
use super::{IssueToken, TokenItem, Which};
use crate::sweep::{Forecast, forecast_of};
use crate::{AppError, Context, Principal};

/// What is said after the end is foreseen too.
const AFTER_END: Span = Span::days(8);

/// A token that does not exist yet.
#[derive(Clone, Debug)]
pub struct Preview {
    /// As it would be; the id is not the one it will have.
    pub item: TokenItem,
    /// What would be said of its end, to whom, if nobody acts.
    pub forecast: Forecast,
}

/// What issuing this would make. Refuses what issuing would refuse.
///
/// # Errors
/// As [`super::issue_token`].
pub async fn preview_token(
    ctx: &Context,
    principal: &Principal,
    request: &IssueToken,
) -> Result<Preview, AppError> {
    principal.need("tokens:issue", "to issue tokens")?;
    let directory = ctx.store.directory().await?;
    let roles = ctx.store.roles().await?;
    let draft = decide(ctx, principal, request, &directory, &roles)?;
    let (item, _) = make(ctx, draft)?;
    let forecast = foresee(ctx, &item).await?;
    Ok(Preview { item, forecast })
}

/// What will be said of the end of a token, to whom, if nobody acts.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn foresee_token(
    ctx: &Context,
    principal: &Principal,
    which: &Which,
) -> Result<Forecast, AppError> {
    foresee(ctx, &get_token(ctx, principal, which).await?).await
}

async fn foresee(ctx: &Context, item: &TokenItem) -> Result<Forecast, AppError> {
    let end = item.credential.expires_at().unwrap_or(ctx.now());
    let span = ctx.now().until(end + AFTER_END);
    forecast_of(ctx, std::slice::from_ref(&item.credential), span).await
}
