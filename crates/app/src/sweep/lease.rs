//! Who sweeps, where several processes share a store?
//!
//! Only one pass at a time may collect messages: another that released them meanwhile
//! would cut them off from notices that are still to come. Everything else would be
//! correct without.

use domain::kernel::{Instant, Span, SweepId};

use crate::Context;
use crate::ports::{StoreError, Write};

use super::commit;

const LEASE: &str = "lease.sweep";
/// A pass that has not renewed for so long is dead.
const LENGTH: Span = Span::seconds(60);
/// So far apart may the clocks of two processes be.
const APART_MAX: Span = Span::seconds(60);

/// Takes the right to sweep, and releases what a dead pass left collecting. `None`: it is
/// taken; else until when another holds it. Whoever is `alone` with the store need not
/// wait for a dead process.
///
/// # Errors
/// The store's.
pub async fn take(
    ctx: &Context,
    sweep: &SweepId,
    alone: bool,
) -> Result<Option<Instant>, StoreError> {
    let now = ctx.now();
    let kept = ctx.store.meta(LEASE).await?;
    let held = kept.as_deref().and_then(read);
    // A lease much longer than any was written by a clock that has been set right since. One
    // a little longer is of somebody who read the clock a moment later, or reads one ahead.
    let runs = |until: Instant| now < until && until <= now + APART_MAX + LENGTH;
    if let Some((_, until)) = held.filter(|(_, until)| !alone && runs(*until)) {
        return Ok(Some(until));
    }
    let swapped = commit(ctx, vec![swap(kept, Some(written(sweep, now)))]).await;
    match swapped {
        Ok(()) => {
            super::release_leftovers(ctx).await?;
            Ok(None)
        }
        Err(StoreError::Conflict(_)) => Ok(Some(now + LENGTH)),
        Err(error) => Err(error),
    }
}

/// Holds on to the right while a long pass runs.
///
/// # Errors
/// [`StoreError::Unavailable`] when another pass has taken it: this one must stop.
pub(super) async fn renew(ctx: &Context, sweep: &SweepId) -> Result<(), StoreError> {
    let kept = ctx.store.meta(LEASE).await?;
    let Some((holder, _)) = kept.as_deref().and_then(read) else {
        return Ok(());
    };
    let lost = || StoreError::Unavailable("another process sweeps now".to_owned());
    if holder != sweep.as_str() {
        return Err(lost());
    }
    let next = written(sweep, ctx.now());
    match commit(ctx, vec![swap(kept, Some(next))]).await {
        Err(StoreError::Conflict(_)) => Err(lost()),
        other => other,
    }
}

/// Gives the right back.
///
/// # Errors
/// The store's; the right then lapses by itself.
pub async fn give(ctx: &Context, sweep: &SweepId) -> Result<(), StoreError> {
    let kept = ctx.store.meta(LEASE).await?;
    let mine = kept
        .as_deref()
        .and_then(read)
        .is_some_and(|(h, _)| h == sweep.as_str());
    if !mine {
        return Ok(());
    }
    match commit(ctx, vec![swap(kept, None)]).await {
        Err(StoreError::Conflict(_)) => Ok(()),
        other => other,
    }
}

fn swap(from: Option<String>, to: Option<String>) -> Write {
    Write::SwapMeta {
        name: LEASE.to_owned(),
        from,
        to,
    }
}

fn written(sweep: &SweepId, now: Instant) -> String {
    format!("{sweep} {}", (now + LENGTH).as_micros())
}

fn read(text: &str) -> Option<(&str, Instant)> {
    let (holder, until) = text.split_once(' ')?;
    Some((holder, Instant::from_micros(until.parse().ok()?)))
}
