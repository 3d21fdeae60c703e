//! Keeps memory and store in step: the verifier's feed, use counts, ends on first use,
//! the audit chain.

use std::sync::Arc;
use std::time::Duration;

use app::Context;
use app::feed::{Followed, end_replaced, flush_usage, poll_feed, settle};
use app::monitors::flush_pings;
use tokio_util::sync::CancellationToken;

/// How often the feed is polled: what another node revoked must be refused within a
/// second. As often, first uses are settled.
const POLL: Duration = Duration::from_millis(250);
/// How often what was heard is written and audit rows are chained.
const HEARD: Duration = Duration::from_secs(2);
/// How often use counts are written: a token that is used all the time costs a row each
/// time. What is counted and not yet written is known to this node.
const USES: Duration = Duration::from_secs(30);
/// Audit rows chained at once.
const CHAIN: u32 = 1000;

/// Keeps up until stopped, all of it side by side: a write that takes long must neither make
/// what was read old nor hold up what another write is to settle.
pub async fn run(ctx: Arc<Context>, followed: Followed, stop: CancellationToken) {
    tokio::join!(
        follow(&ctx, followed, &stop),
        settle_first_uses(&ctx, &stop),
        note_what_was_heard(&ctx, &stop),
        note_uses(&ctx, &stop),
    );
}

/// Learns what other nodes changed.
async fn follow(ctx: &Context, mut followed: Followed, stop: &CancellationToken) {
    loop {
        if let Err(error) = poll_feed(ctx, &mut followed).await {
            tracing::warn!(%error, "changes to tokens cannot be read; old answers are not given for long");
        }
        if over(stop, POLL).await {
            return;
        }
    }
}

async fn settle_first_uses(ctx: &Context, stop: &CancellationToken) {
    while !over(stop, POLL).await {
        write_first_uses(ctx).await;
    }
}

async fn note_what_was_heard(ctx: &Context, stop: &CancellationToken) {
    while !over(stop, HEARD).await {
        write_what_was_heard(ctx).await;
    }
}

async fn note_uses(ctx: &Context, stop: &CancellationToken) {
    while !over(stop, USES).await {
        write_uses(ctx).await;
    }
}

/// Waits for the next turn; `true` when there is none.
async fn over(stop: &CancellationToken, wait: Duration) -> bool {
    tokio::select! {
        () = stop.cancelled() => true,
        () = tokio::time::sleep(wait) => false,
    }
}

/// Writes all that memory gathered, once there will be no other time.
pub async fn write_down(ctx: &Context) {
    write_first_uses(ctx).await;
    write_uses(ctx).await;
    write_what_was_heard(ctx).await;
}

async fn write_first_uses(ctx: &Context) {
    if let Err(error) = end_replaced(ctx).await {
        tracing::warn!(%error, "a replaced value could not be ended and is tried again");
    }
}

async fn write_uses(ctx: &Context) {
    if let Err(error) = flush_usage(ctx).await {
        tracing::warn!(%error, "use counts could not be written and are kept");
    }
}

/// Writes what was heard of monitors and of revoked tokens, and chains the audit log; what
/// fails is kept for the next time.
async fn write_what_was_heard(ctx: &Context) {
    if let Err(error) = settle(ctx).await {
        tracing::warn!(%error, "what became of tokens could not be written and is kept");
    }
    if let Err(error) = flush_pings(ctx).await {
        tracing::warn!(%error, "what was heard of monitors could not be written and is kept");
    }
    if let Err(error) = ctx.store.chain_audit(CHAIN).await {
        tracing::warn!(%error, "the audit log could not be chained further");
    }
}
