//! What ends when, how many, and what needs somebody: the figures of the first page.
//!
//! Counted by the store, so that it costs the same however much there is.

use std::ops::Range;

use domain::expiry::AlertKind;
use domain::inventory::State;
use domain::kernel::Span;

use crate::ports::{AlertFilter, CredentialFilter};
use crate::sight::narrow;
use crate::{AppError, Context, Principal};

/// What ended not longer ago than this is still counted as past.
pub const PAST: Span = Span::days(7);

/// The figures of the first page, of what the caller may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Credentials that work.
    pub living: u64,
    /// Ended within the last seven days.
    pub past: u64,
    /// End within a day.
    pub in_a_day: u64,
    /// End within seven days, those within a day included.
    pub in_a_week: u64,
    /// End within thirty days, the others included.
    pub in_a_month: u64,
    /// Work, and nobody who can act owns them.
    pub orphans: u64,
    /// Of whose end nobody would hear.
    pub unheard: u64,
    /// Integrations that report in no longer.
    pub silent: u64,
    /// Reviews in which something is still to be decided.
    pub reviews: u64,
    /// On which days they end, counted from 1970-01-01 on the reader's clock.
    pub days: Vec<(i64, u64)>,
}

/// Counts. `ahead` is how far the reader's clock is ahead of UTC; `days`, counted from
/// 1970-01-01 on that clock, are those of whose ends a calendar is wanted.
///
/// # Errors
/// The store's.
pub async fn overview(
    ctx: &Context,
    principal: &Principal,
    days: Range<i64>,
    ahead: Span,
) -> Result<Overview, AppError> {
    let now = ctx.now();
    let living = vec![State::Active, State::UnknownEnd];
    let all = narrow(
        ctx,
        principal,
        &["credentials:read"],
        CredentialFilter::default(),
    )
    .await?;
    let count =
        |filter: CredentialFilter| async move { ctx.store.count_credentials(&filter).await };
    let within = |span: Span| CredentialFilter {
        states: vec![State::Active],
        expires_after: Some(now),
        // What ends with the span is inside it.
        expires_before: Some(now + span + Span::from_micros(1)),
        ..all.clone()
    };
    let past = CredentialFilter {
        states: vec![State::Expired],
        expires_after: Some(now - PAST),
        ..all.clone()
    };
    let orphans = CredentialFilter {
        states: living.clone(),
        orphaned: Some(true),
        ..all.clone()
    };
    let ends = CredentialFilter {
        states: vec![State::Active],
        ..all.clone()
    };
    Ok(Overview {
        past: count(past).await?,
        in_a_day: count(within(Span::days(1))).await?,
        in_a_week: count(within(Span::days(7))).await?,
        in_a_month: count(within(Span::days(30))).await?,
        orphans: count(orphans).await?,
        unheard: standing(ctx, principal, AlertKind::Unheard).await?,
        silent: standing(ctx, principal, AlertKind::Silent).await?,
        reviews: standing(ctx, principal, AlertKind::ReviewDue).await?,
        days: ctx.store.ends_by_day(&ends, days, ahead).await?,
        living: count(CredentialFilter {
            states: living,
            ..all
        })
        .await?,
    })
}

/// How many alerts of a kind stand.
async fn standing(ctx: &Context, principal: &Principal, kind: AlertKind) -> Result<u64, AppError> {
    let filter = AlertFilter {
        kind: Some(kind),
        ..AlertFilter::default()
    };
    crate::alerts::count_alerts(ctx, principal, filter).await
}
