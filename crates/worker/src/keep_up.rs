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

/// Keeps up until stopped.
pub async fn run(ctx: Arc<Context>, revision: i64, stop: CancellationToken) {
    let mut revision = revision;
    let mut turn: u32 = 0;
    loop {
        match poll_feed(&ctx, revision).await {
            Ok(next) => {
                revision = next;
                ctx.signals.feed_is_current(ctx.now());
            }
            Err(error) => {
                tracing::warn!(%error, "changes to tokens cannot be read; old answers are not given for long")
            }
        }
        if let Err(error) = end_replaced(&ctx).await {
            tracing::warn!(%error, "a replaced value could not be ended and is tried again");
        }
        turn = turn.wrapping_add(1);
        if turn.is_multiple_of(FLUSH_EVERY) {
            write_down(&ctx).await;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(POLL) => {}
        }
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
