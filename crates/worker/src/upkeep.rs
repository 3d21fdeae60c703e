//! Keeps the other side as the alerts stand, for channels that show or hold them.
//!
//! Apart from the deliveries, so that a tracker that hangs delays no message.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::Context;
use app::deliver::keep_up;
use domain::kernel::{ChannelId, Instant, Span};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::until;

/// How often the loop looks whose turn it is.
const TICK: Span = Span::seconds(30);
/// One channel may take so long; then it is its turn again at the next tick.
const PATIENCE: Span = Span::minutes(2);

/// When each channel was last brought up to date.
#[derive(Debug, Default)]
pub struct LastDone(BTreeMap<ChannelId, Instant>);

/// Keeps up until stopped.
pub async fn run(ctx: Arc<Context>, stop: CancellationToken) {
    let mut last = LastDone::default();
    loop {
        let wanted = tokio::select! {
            () = stop.cancelled() => return,
            () = until(&ctx, None, TICK) => false,
            () = ctx.upkeep_wanted.notified() => true,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = pass(&ctx, &mut last, wanted) => {}
        }
    }
}

/// Brings every channel up to date whose turn it is, or every one that shows how alerts
/// stand when that is `wanted` at once. The channels go side by side.
pub async fn pass(ctx: &Arc<Context>, last: &mut LastDone, wanted: bool) {
    let now = ctx.now();
    let mut tasks = JoinSet::new();
    for channel in ctx.channels.load_full().iter() {
        let Some(every) = channel.upkeep() else {
            continue;
        };
        let id = channel.id();
        // A last time in the future was read from a wrong clock.
        let is_due = |at: &Instant| *at > now || at.until(now) >= every;
        if !wanted && !last.0.get(id).is_none_or(is_due) {
            continue;
        }
        last.0.insert(id.clone(), now);
        let (ctx, channel) = (Arc::clone(ctx), Arc::clone(channel));
        tasks.spawn(async move {
            let kept = tokio::time::timeout(PATIENCE.to_std(), keep_up(&ctx, channel.as_ref()));
            match kept.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(channel = %channel.id(), %error, "what stands could not be read");
                }
                Err(_) => {
                    tracing::warn!(channel = %channel.id(), "keeping the other side up to date took too long");
                }
            }
        });
    }
    while tasks.join_next().await.is_some() {}
}
