//! Keeps memory and store in step: the verifier's feed, use counts, ends on first use,
//! the audit chain.

use std::sync::Arc;
use std::time::Duration;

use app::Context;
use app::feed::{end_replaced, flush_usage, poll_feed};
use app::monitors::flush_pings;
use tokio_util::sync::CancellationToken;

/// How often the feed is polled: what another node revoked must be refused within a
/// second.
const POLL: Duration = Duration::from_millis(250);
/// Every so many polls, use counts are written and audit rows are chained.
const FLUSH_EVERY: u32 = 8;
/// Audit rows chained at once.
const CHAIN: u32 = 1000;

/// Keeps up until stopped: reads and writes side by side, since a write that takes long
/// must not make what was read old.
pub async fn run(ctx: Arc<Context>, revision: i64, stop: CancellationToken) {
    tokio::join!(follow(&ctx, revision, &stop), note(&ctx, &stop));
}

/// Learns what other nodes changed.
async fn follow(ctx: &Context, revision: i64, stop: &CancellationToken) {
    let mut revision = revision;
    loop {
        match poll_feed(ctx, revision).await {
            Ok(next) => revision = next,
            Err(error) => {
                tracing::warn!(%error, "changes to tokens cannot be read; old answers are not given for long")
            }
        }
        if over(stop).await {
            return;
        }
    }
}

/// Writes what memory gathered.
async fn note(ctx: &Context, stop: &CancellationToken) {
    let mut turn: u32 = 0;
    loop {
        if let Err(error) = end_replaced(ctx).await {
            tracing::warn!(%error, "a replaced value could not be ended and is tried again");
        }
        turn = turn.wrapping_add(1);
        if turn.is_multiple_of(FLUSH_EVERY) {
            write_down(ctx).await;
        }
        if over(stop).await {
            return;
        }
    }
}

/// Waits for the next turn; `true` when there is none.
async fn over(stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => true,
        () = tokio::time::sleep(POLL) => false,
    }
}

/// Writes use counts and what was heard of monitors, and chains the audit log; what fails is kept for the next time.
pub async fn write_down(ctx: &Context) {
    if let Err(error) = flush_usage(ctx).await {
        tracing::warn!(%error, "use counts could not be written and are kept");
    }
    if let Err(error) = flush_pings(ctx).await {
        tracing::warn!(%error, "what was heard of monitors could not be written and is kept");
    }
    if let Err(error) = ctx.store.chain_audit(CHAIN).await {
        tracing::warn!(%error, "the audit log could not be chained further");
    }
}
