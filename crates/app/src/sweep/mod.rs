//! One pass over everything that is due: plan it, decide who hears, put it into the
//! outbox.
//!
//! Sends nothing. What is decided for a page of subjects becomes true in one commit:
//! alert, notices, messages and the next instant that matters; a crash anywhere makes
//! the next pass do it again, with the same ids where it had come through.

mod balance;
mod decide;
mod downtime;
mod forecast;
mod gather;
pub mod lease;
mod leavers;
mod load;
mod monitor;
mod page;
mod replan;
mod review;
mod source;
mod stand;
mod surface;

pub use balance::balance;
pub use forecast::{Forecast, Foreseen, forecast, forecast_one};
pub(crate) use forecast::{forecast_of, forecast_with};
pub(crate) use leavers::turns_at;
pub(crate) use replan::{requeue, requeue_matching};
pub use surface::{Surface, Surfaced, surface};

use domain::expiry::{AlertKind, AlertState, Subject};
use domain::kernel::{Instant, Span, SweepId};

use crate::ports::{AlertFilter, Changes, PageRequest, StoreError, Write};
use crate::{Context, Degradation};

use self::load::{Pass, Surroundings};

/// Subjects planned and committed together.
const PAGE: u32 = 500;
/// A subject that cannot be planned is looked at again after so long.
const SET_ASIDE: Span = Span::hours(1);
/// How often, and for how long, a pass looks again before what it gathered goes out; the
/// rest is for the next.
const ROUNDS: usize = 20;
const GATHERS: Span = Span::seconds(2);
/// When a pass last looked at the world.
const LAST_ALIVE: &str = "last_alive_at";

/// How a pass went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Subjects looked at.
    pub examined: u64,
    /// Notices put into the outbox.
    pub notices: u64,
    /// Subjects that could not be planned and were set aside for an hour.
    pub set_aside: u64,
}

/// Looks at everything that is due, most urgent first, and at Forewarn itself.
///
/// One subject that cannot be planned is set aside and stops nobody else.
///
/// # Errors
/// The store is unavailable or full; what was committed before stands, the next pass
/// goes on from there.
pub async fn sweep(ctx: &Context, id: &SweepId) -> Result<SweepReport, StoreError> {
    let mut report = SweepReport::default();
    replan::if_settings_changed(ctx).await?;
    let pass = Pass::begin(ctx, id);
    let around = Surroundings::load(ctx, &pass).await?;
    downtime::tell(ctx, &around, &mut report).await?;
    let house = [Subject::System("audience".to_owned())];
    page::settle(ctx, &pass, &house, &mut report).await?;
    crate::reviews::begin(ctx, &around.directory, around.now).await?;
    let reviews = crate::reviews::subjects(ctx, &around.directory, around.now).await?;
    page::settle(ctx, &pass, &reviews, &mut report).await?;
    wishes(ctx, &pass, &mut report).await?;
    due_pages(ctx, &pass, &mut report).await?;
    what_came_meanwhile(ctx, id, &mut report).await?;
    finish(ctx, id, &around).await?;
    Ok(report)
}

/// "It may lapse" is void once the credential is used. Use is counted without a plan of
/// its own, so what is to lapse is looked at in every pass; there is little of it.
async fn wishes(ctx: &Context, pass: &Pass, report: &mut SweepReport) -> Result<(), StoreError> {
    let filter = AlertFilter {
        now: pass.now,
        states: vec![AlertState::LetLapse],
        ..AlertFilter::default()
    };
    let mut request = PageRequest {
        limit: PAGE,
        after: None,
    };
    loop {
        let page = ctx.store.list_alerts(&filter, &request).await?;
        let subjects: Vec<Subject> = page.items.into_iter().map(|a| a.subject).collect();
        page::settle(ctx, pass, &subjects, report).await?;
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(()),
        }
    }
}

async fn due_pages(ctx: &Context, pass: &Pass, report: &mut SweepReport) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let due = ctx.store.due(pass.now, after.as_ref(), PAGE).await?;
        let Some(last) = due.last() else {
            return Ok(());
        };
        let next = last.clone();
        lease::renew(ctx, &pass.sweep).await?;
        let subjects: Vec<Subject> = due.into_iter().map(|d| d.subject).collect();
        page::settle(ctx, pass, &subjects, report).await?;
        // The next page starts behind this one whatever became of it: nothing that
        // cannot be settled ever stands at the head and starves the rest.
        after = Some(next);
    }
}

/// What was asked while the pass ran belongs to the same messages: of three credentials
/// that somebody left, one was looked at for another reason.
async fn what_came_meanwhile(
    ctx: &Context,
    id: &SweepId,
    report: &mut SweepReport,
) -> Result<(), StoreError> {
    let until = ctx.now() + GATHERS;
    for _ in 0..ROUNDS {
        let pass = Pass::begin(ctx, id);
        let due = ctx.store.next_due().await?;
        if until < pass.now || due.is_none_or(|due| pass.now < due) {
            return Ok(());
        }
        due_pages(ctx, &pass, report).await?;
    }
    Ok(())
}

/// Releases what passes before this one left collecting when they died. Only for the one
/// that holds the right to sweep.
///
/// # Errors
/// The store's.
pub async fn release_leftovers(ctx: &Context) -> Result<u64, StoreError> {
    let left = ctx.store.unreleased_sweeps(None).await?;
    let count = u64::try_from(left.len()).unwrap_or(u64::MAX);
    if count > 0 {
        tracing::warn!(
            sweeps = count,
            "released messages that a stopped sweep left behind"
        );
        commit(ctx, left.into_iter().map(Write::ReleaseSweep).collect()).await?;
    }
    Ok(count)
}

/// Releases what was collected, marks that the world was looked at, and says what is wrong
/// with the house.
async fn finish(ctx: &Context, id: &SweepId, around: &Surroundings) -> Result<(), StoreError> {
    let alive = around.now.as_micros().to_string();
    let writes = vec![
        Write::ReleaseSweep(id.clone()),
        Write::SetMeta(LAST_ALIVE.to_owned(), alive),
        crate::monitors::listening(around.now),
    ];
    commit(ctx, writes).await?;
    ctx.signals.swept(around.now, true);
    let no_channel = !around.can_be_heard();
    let unheard = has_open(ctx, AlertKind::Unheard, around.now).await?;
    let nobody = !no_channel && around.operators(None).nobody;
    let blind = has_open(ctx, AlertKind::Blind, around.now).await?
        || has_open(ctx, AlertKind::Vanished, around.now).await?;
    let signals = &ctx.signals;
    signals.set_degraded(Degradation::NoChannel, no_channel);
    signals.set_degraded(Degradation::NoRecipient, unheard || nobody);
    signals.set_degraded(Degradation::ChannelFailing, around.ways.any_failing());
    signals.set_degraded(Degradation::SourceFailing, blind);
    signals.set_degraded(Degradation::SweepStale, false);
    ctx.delivery_wanted.notify_one();
    Ok(())
}

async fn has_open(ctx: &Context, kind: AlertKind, now: Instant) -> Result<bool, StoreError> {
    let filter = AlertFilter {
        now,
        kind: Some(kind),
        states: vec![AlertState::Open, AlertState::Acknowledged],
        ..AlertFilter::default()
    };
    let one = PageRequest {
        limit: 1,
        after: None,
    };
    Ok(!ctx.store.list_alerts(&filter, &one).await?.items.is_empty())
}

async fn commit(ctx: &Context, writes: Vec<Write>) -> Result<(), StoreError> {
    let audit = Vec::new();
    ctx.store.commit(Changes { writes, audit }).await
}
