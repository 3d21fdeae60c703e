//! Reads one source once, and remembers how that went.

use std::panic::AssertUnwindSafe;

use domain::expiry::patience;
use domain::kernel::Instant;
use futures_util::FutureExt;
use tokio::sync::mpsc;

use crate::Context;
use crate::ports::{Batch, Connector, ConnectorError, ReadSummary, SourceState, StoreError, Write};

use super::{close, reconcile, state};

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
    let mut source = state::load(ctx, connector.source(), connector.system()).await?;
    source.system = connector.system().to_owned();
    source.attempted_at = Some(began);
    state::save(ctx, &mut source).await?;
    let (outcome, touched) = read(ctx, connector, &mut source, began).await?;
    match &outcome {
        Ok(summary) => succeeded(ctx, &mut source, summary, touched, began).await?,
        Err(error) => failed(ctx, &mut source, error).await?,
    }
    Ok(outcome)
}

/// Reads and stores side by side; a connector that panics has failed.
async fn read(
    ctx: &Context,
    connector: &dyn Connector,
    source: &mut SourceState,
    began: Instant,
) -> Result<(Result<ReadSummary, ConnectorError>, u64), StoreError> {
    let (sender, mut batches) = mpsc::channel::<Batch>(WAITING);
    let checkpoint = source.checkpoint.clone();
    let reading = AssertUnwindSafe(connector.read(checkpoint, sender));
    // When the store fails the receiver is dropped, and the reader is told to stop.
    let storing = async move {
        let mut touched = 0;
        while let Some(batch) = batches.recv().await {
            let checkpoint = Some(batch.checkpoint);
            touched += reconcile(ctx, source, &batch.observations, checkpoint, began).await?;
        }
        Ok::<u64, StoreError>(touched)
    };
    let (outcome, touched) = tokio::join!(reading.catch_unwind(), storing);
    let panicked = || ConnectorError::Unreadable("its reader failed; see the log".to_owned());
    Ok((outcome.unwrap_or_else(|_| Err(panicked())), touched?))
}

async fn succeeded(
    ctx: &Context,
    source: &mut SourceState,
    summary: &ReadSummary,
    touched: u64,
    began: Instant,
) -> Result<(), StoreError> {
    let mut writes = Vec::new();
    // An empty listing is a broken one until proven otherwise.
    let complete = summary.complete && touched > 0;
    if complete && summary.is_listing {
        writes.extend(close::gone(ctx, source, began).await?);
    }
    if summary.complete {
        source.complete_at = complete.then_some(began).or(source.complete_at);
    }
    source.read = source.read.saturating_add(summary.read);
    source.unreadable = source.unreadable.saturating_add(summary.unreadable);
    source.remarks = summary.remarks.iter().take(20).cloned().collect();
    source.succeeded_at = Some(began);
    let was_failing = source.failing.take().is_some();
    if was_failing {
        writes.push(state::look_at(&source.id, ctx.now()));
    }
    if !source.imported {
        writes.extend(crate::sweep::release_import(ctx, &source.id).await?);
        source.imported = true;
    }
    state::save_with(ctx, source, writes).await?;
    ctx.sweep_wanted.notify_one();
    Ok(())
}

async fn failed(
    ctx: &Context,
    source: &mut SourceState,
    error: &ConnectorError,
) -> Result<(), StoreError> {
    let now = ctx.now();
    let since = source.failing.as_ref().map_or(now, |(since, _)| *since);
    let sentence: String = error.to_string().chars().take(300).collect();
    source.failing = Some((since, sentence));
    let patience = patience(ctx.settings.load().interval);
    // When patience ends: the sweep then finds the source still failing, or not.
    let ends = source.succeeded_at.unwrap_or(since) + patience;
    let writes: Vec<Write> = vec![state::look_at(&source.id, ends.max(now))];
    tracing::warn!(source = %source.id, %error, "a source cannot be read; what is known of it stands");
    state::save_with(ctx, source, writes).await?;
    ctx.sweep_wanted.notify_one();
    Ok(())
}
