//! Do the books balance: was what was due said, and was what was said heard?
//!
//! Asked hourly, apart from sweep and delivery: of the inventory and the alerts, not of the
//! queues that these work off, so that it is noticed when either stands still or passes
//! something over. What is found unsaid is put back on the queue.

mod compare;
mod proof;

use domain::expiry::{Alert, AlertKind, Books, Plan, Subject, stalled, unreachable};
use domain::kernel::{Instant, SweepId};

use crate::ports::{StoreError, Write};
use crate::{Context, Degradation};

use super::load::{Pass, Surroundings};
use super::{commit, decide};

/// Compares what was due, said and heard, tries the last resort once a week, and tells the
/// operators what differs. `began`: since when this process could have done its part.
///
/// # Errors
/// The store's.
pub async fn balance(ctx: &Context, id: &SweepId, began: Instant) -> Result<Books, StoreError> {
    let mut around = Surroundings::load(ctx, &Pass::begin(ctx, id)).await?;
    let found = compare::compare(ctx, &around, began).await?;
    let wrong = found.books.wrong();
    if let Some(wrong) = &wrong {
        tracing::error!(%wrong, "what was due, said and heard differs");
    }
    ctx.signals
        .set_degraded(Degradation::Stalled, wrong.is_some());
    put_back(ctx, found.unsaid).await?;
    let (backoff, now) = (around.settings.backoff, around.now);
    say(ctx, &around, "notifier", AlertKind::Stalled, |alert| {
        stalled(&found.books, alert, backoff, now)
    })
    .await?;
    let kind = AlertKind::Undeliverable;
    let failed = proof::prove(ctx, &around).await?;
    // What was said above is on its way; this is another message.
    around.sweep = SweepId::derived(&[id.as_str(), "catch-all"]);
    say(ctx, &around, "catch-all", kind, |alert| {
        unreachable(failed.as_deref(), alert, backoff, now)
    })
    .await?;
    ctx.delivery_wanted.notify_one();
    Ok(found.books)
}

/// What a sweep passed over is looked at again, at once.
async fn put_back(ctx: &Context, unsaid: Vec<Subject>) -> Result<(), StoreError> {
    if unsaid.is_empty() {
        return Ok(());
    }
    let now = ctx.now();
    let again = unsaid.into_iter().map(|s| Write::DueAtLatest(s, now));
    commit(ctx, again.collect()).await?;
    ctx.sweep_wanted.notify_one();
    Ok(())
}

/// Tells the operators, in one commit with the alert. Whoever was quicker has told them.
async fn say(
    ctx: &Context,
    around: &Surroundings,
    what: &str,
    kind: AlertKind,
    plan: impl FnOnce(Option<&Alert>) -> Plan,
) -> Result<(), StoreError> {
    let subject = Subject::System(what.to_owned());
    let before = ctx.store.alert(&Alert::id_of(&subject, kind)).await?;
    let decided = decide::told(around, None, before.as_ref(), plan(before.as_ref()));
    let mut writes = decided.writes;
    if writes.is_empty() {
        return Ok(());
    }
    let messages = decided.messages.into_iter();
    writes.extend(messages.map(|m| Write::AddMessage(Box::new(m))));
    writes.push(Write::ReleaseSweep(around.sweep.clone()));
    match commit(ctx, writes).await {
        Err(StoreError::Conflict(_) | StoreError::Duplicate(_)) => Ok(()),
        other => other,
    }
}
