//! Reads one source once, and remembers how that went.

use std::panic::AssertUnwindSafe;

use domain::expiry::patience;
use domain::kernel::Instant;
use futures_util::FutureExt;
use tokio::sync::mpsc;

use crate::Context;
use crate::ports::{Batch, Connector, ConnectorError, ReadSummary, SourceState, StoreError};

use super::conclude::{Ended, Seen, conclude, short};
use super::{Behind, Tally, reconcile, state};

/// Batches that may wait while one is stored.
const WAITING: usize = 4;

/// Reads the source on from its checkpoint. A failed read is remembered and, when it
/// lasts, becomes an alert; it is no error of this function.
///
/// # Errors
/// The store's; the checkpoint stands where the last stored batch left it.
pub async fn observe(
    ctx: &Context,
    connector: &dyn Connector,
) -> Result<Result<ReadSummary, ConnectorError>, StoreError> {
    let began = ctx.now();
    let (id, system) = (connector.source(), connector.system());
    let mut source = state::load(ctx, id, system).await?;
    let interval = ctx.settings.load().interval_of(id);
    // A reader that hangs is looked at although it never comes back.
    let looked_at = vec![state::look_at(id, began + patience(interval))];
    state::update(ctx, &mut source, looked_at, |source| {
        source.system = system.to_owned();
        source.attempted_at = Some(began);
    })
    .await?;
    let read = read(ctx, connector, &mut source, began).await;
    let (outcome, tally) = match read {
        Ok(read) => read,
        Err(error) => {
            let sentence = format!("what was read could not be stored: {error}");
            // The store may be what is broken; the error itself is answered.
            drop(failed(ctx, &mut source, &sentence, false).await);
            return Err(error);
        }
    };
    match &outcome {
        Ok(summary) => conclude(ctx, &mut source, ended(ctx, summary, tally, began, id)).await?,
        Err(error) => {
            tracing::warn!(source = %id, %error, "a source cannot be read; what is known of it stands");
            let refused = matches!(error, ConnectorError::Auth(_));
            failed(ctx, &mut source, &error.to_string(), refused).await?;
        }
    }
    Ok(outcome)
}

/// Reads and stores side by side; a connector that panics has failed.
async fn read(
    ctx: &Context,
    connector: &dyn Connector,
    source: &mut SourceState,
    began: Instant,
) -> Result<(Result<ReadSummary, ConnectorError>, Tally), StoreError> {
    let (sender, mut batches) = mpsc::channel::<Batch>(WAITING);
    let checkpoint = source.checkpoint.clone();
    let underway = ctx.readings.begin(&source.id, began);
    let reading = AssertUnwindSafe(connector.read(checkpoint, sender));
    // When the store fails the receiver is dropped, and the reader is told to stop.
    let storing = async move {
        let mut tally = Tally::default();
        while let Some(batch) = batches.recv().await {
            let behind = Behind {
                checkpoint: batch.checkpoint,
                counts: batch.counts,
            };
            tally += reconcile(ctx, source, &batch.observations, Some(behind), began).await?;
            underway.told(batch.observations.len(), ctx.now());
        }
        Ok::<Tally, StoreError>(tally)
    };
    let (outcome, tally) = tokio::join!(reading.catch_unwind(), storing);
    let panicked = || ConnectorError::Unreadable("its reader failed; see the log".to_owned());
    Ok((outcome.unwrap_or_else(|_| Err(panicked())), tally?))
}

fn ended(
    ctx: &Context,
    summary: &ReadSummary,
    tally: Tally,
    began: Instant,
    id: &domain::kernel::SourceId,
) -> Ended {
    let seen = match (summary.is_listing, summary.complete) {
        (false, _) => Seen::Some,
        (true, true) => Seen::All,
        (true, false) => Seen::Part(why_in_part(summary)),
    };
    Ended {
        began,
        seen,
        tally,
        read: summary.read,
        unreadable: summary.unreadable,
        remarks: summary.remarks.clone(),
        interval: Some(ctx.settings.load().interval_of(id)),
    }
}

fn why_in_part(summary: &ReadSummary) -> String {
    let why = summary.partial.as_ref().or(summary.remarks.first());
    why.cloned()
        .unwrap_or_else(|| "its reader did not reach the end and does not say why".to_owned())
}

async fn failed(
    ctx: &Context,
    source: &mut SourceState,
    why: &str,
    refused: bool,
) -> Result<(), StoreError> {
    let now = ctx.now();
    let since = source.failing.as_ref().map_or(now, |(since, _)| *since);
    let patience = patience(ctx.settings.load().interval_of(&source.id));
    // When patience ends: the sweep then finds the source still failing, or not.
    let ends = source.succeeded_at.unwrap_or(since) + patience;
    let at = if refused { now } else { ends.max(now) };
    let writes = vec![state::look_at(&source.id, at)];
    let why = short(why);
    state::update(ctx, source, writes, |source| {
        source.failing = Some((since, why.clone()));
        source.refused = refused;
        source.ended_at = Some(now);
    })
    .await?;
    ctx.sweep_wanted.notify_one();
    Ok(())
}
