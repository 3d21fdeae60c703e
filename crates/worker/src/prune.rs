//! Removes what is past its time, once a day.
//!
//! What is removed does not come back, so a clock that jumped ahead is not believed at once,
//! and one that was wrong at the start has an hour to be set right.

use std::sync::Arc;
use std::time::Instant as Running;

use app::Context;
use app::ports::StoreError;
use domain::kernel::Span;
use tokio_util::sync::CancellationToken;

use crate::pulse::{ASK_AGAIN, Pulse};
use crate::until;

/// Closed messages, notices and resolved alerts are kept so long.
pub const RETENTION: Span = Span::days(400);
const EVERY: Span = Span::days(1);
/// So long after the start the clock counts as set right.
const SETTLED: Span = Span::hours(1);

/// Prunes until stopped.
pub async fn run(ctx: Arc<Context>, stop: CancellationToken) {
    let mut pulse = Pulse::default();
    let mut wait = SETTLED;
    pulse.believes(ctx.now(), Running::now());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = until(&ctx, None, wait) => {}
        }
        wait = match believed(&ctx, &mut pulse, Running::now()).await {
            Ok(None) => ASK_AGAIN,
            Ok(Some(rows)) => {
                if rows > 0 {
                    tracing::info!(rows, "removed what is past its time");
                }
                EVERY
            }
            Err(error) => {
                tracing::warn!(%error, "what is past its time could not be removed");
                EVERY
            }
        };
    }
}

/// One removal, if the clock is believed; `None` when it is not.
///
/// # Errors
/// The store's.
pub async fn believed(
    ctx: &Context,
    pulse: &mut Pulse,
    running: Running,
) -> Result<Option<u64>, StoreError> {
    if !pulse.believes(ctx.now(), running) {
        return Ok(None);
    }
    pass(ctx).await.map(Some)
}

/// One removal; answers how many rows went.
///
/// # Errors
/// The store's.
pub async fn pass(ctx: &Context) -> Result<u64, StoreError> {
    let now = ctx.now();
    ctx.store.prune(now - RETENTION, now).await
}
