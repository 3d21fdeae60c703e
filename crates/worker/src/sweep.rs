//! Sweeps at start, every interval, when woken, and at the very instant that matters.

use std::sync::Arc;
use std::time::Duration;

use app::Context;
use app::ports::StoreError;
use app::sweep::{Surfaced, release_leftovers, surface, sweep};
use domain::kernel::{Instant, Span, SweepId};
use tokio_util::sync::CancellationToken;

use crate::{Heartbeat, until};

/// Wake-ups that come together make one sweep.
const GATHER: Duration = Duration::from_millis(50);
/// After a sweep that failed, the next one comes this soon.
const RETRY: Span = Span::seconds(5);

/// Sweeps until stopped.
pub async fn run(
    ctx: Arc<Context>,
    heartbeat: Option<Arc<dyn Heartbeat>>,
    stop: CancellationToken,
) {
    let logged = Surfaced::default();
    if let Err(error) = release_leftovers(&ctx).await {
        tracing::error!(%error, "what a stopped sweep left behind could not be released");
    }
    loop {
        let next = match pass(&ctx, &logged).await {
            Ok(next) => {
                if let Some(heartbeat) = &heartbeat {
                    heartbeat.beat().await;
                }
                next
            }
            Err(error) => {
                tracing::error!(%error, "the sweep failed and is tried again");
                Some(ctx.now() + RETRY)
            }
        };
        let interval = ctx.settings.load().interval;
        tokio::select! {
            () = stop.cancelled() => return,
            () = until(&ctx, next, interval) => {}
            () = ctx.sweep_wanted.notified() => tokio::time::sleep(GATHER).await,
        }
    }
}

/// One sweep and the surfaces behind it; answers when to sweep next, at the latest after
/// the interval.
///
/// # Errors
/// The store's.
pub async fn pass(ctx: &Context, logged: &Surfaced) -> Result<Option<Instant>, StoreError> {
    let mut random: &dyn app::ports::Random = ctx.random.as_ref();
    let id = SweepId::random(&mut random);
    let report = sweep(ctx, &id).await?;
    if report.examined > 0 {
        tracing::debug!(
            examined = report.examined,
            notices = report.notices,
            set_aside = report.set_aside,
            "swept"
        );
    }
    surface(ctx, logged).await?;
    let backoff = ctx.settings.load().backoff;
    let due = ctx.store.next_due().await?;
    Ok([due, logged.next_after(backoff, ctx.now())]
        .into_iter()
        .flatten()
        .min())
}
