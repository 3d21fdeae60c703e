//! Sweeps at start, every interval, when woken, and at the very instant that matters.

use std::sync::Arc;
use std::time::{Duration, Instant as Running};

use app::ports::StoreError;
use app::sweep::{Surfaced, lease, surface, sweep};
use app::{Context, Degradation, Signals};
use domain::kernel::{Instant, Span, SweepId};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::pulse::{ASK_AGAIN, Pulse};
use crate::{Heartbeat, until};

/// Wake-ups that come together make one sweep.
const GATHER: Duration = Duration::from_millis(50);
/// After a sweep that failed, the next one comes this soon.
const RETRY: Span = Span::seconds(5);

/// Sweeps until stopped.
pub async fn run(
    ctx: Arc<Context>,
    heartbeat: Option<Arc<dyn Heartbeat>>,
    alone: bool,
    stop: CancellationToken,
) {
    let logged = Surfaced::default();
    let (mut pulse, mut beats) = (Pulse::default(), Beats::of(heartbeat));
    loop {
        let running = Running::now();
        let next = match believed(&ctx, &mut pulse, running, &logged, alone).await {
            Ok(passed) => {
                if is_well(passed, &ctx.signals) {
                    beats.beat();
                }
                passed.next
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

/// Whether who watches us is called. What stands still tells nobody itself, so they are not
/// while the books differ.
fn is_well(passed: Passed, signals: &Signals) -> bool {
    passed.complete && !signals.degraded().contains(&Degradation::Stalled)
}

/// Tells who watches us, one call at a time. No sweep waits for it: what watches must not
/// hold up what it watches.
struct Beats {
    heartbeat: Option<Arc<dyn Heartbeat>>,
    last: Option<JoinHandle<()>>,
}

impl Beats {
    const fn of(heartbeat: Option<Arc<dyn Heartbeat>>) -> Self {
        Self {
            heartbeat,
            last: None,
        }
    }

    fn beat(&mut self) {
        let still_calling = self.last.as_ref().is_some_and(|last| !last.is_finished());
        if let Some(heartbeat) = self.heartbeat.clone().filter(|_| !still_calling) {
            self.last = Some(tokio::spawn(async move { heartbeat.beat().await }));
        }
    }
}

/// How a pass went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Everything that was due was looked at.
    pub complete: bool,
    /// When to sweep next, at the latest after the interval.
    pub next: Option<Instant>,
}

/// One pass, if the clock is believed; else nothing, until it is asked again soon.
///
/// # Errors
/// The store's.
pub async fn believed(
    ctx: &Context,
    pulse: &mut Pulse,
    running: Running,
    logged: &Surfaced,
    alone: bool,
) -> Result<Passed, StoreError> {
    if pulse.believes(ctx.now(), running) {
        return pass(ctx, logged, alone).await;
    }
    Ok(Passed {
        complete: false,
        next: Some(ctx.now() + ASK_AGAIN),
    })
}

/// One sweep and the surfaces behind it. Where another process sweeps, only the surfaces.
///
/// # Errors
/// The store's.
pub async fn pass(ctx: &Context, logged: &Surfaced, alone: bool) -> Result<Passed, StoreError> {
    let mut random: &dyn app::ports::Random = ctx.random.as_ref();
    let id = SweepId::random(&mut random);
    let taken = lease::take(ctx, &id, alone).await?;
    if taken.is_none() {
        let swept = sweep(ctx, &id).await;
        lease::give(ctx, &id).await?;
        let report = swept?;
        if report.examined > 0 {
            tracing::debug!(
                examined = report.examined,
                notices = report.notices,
                set_aside = report.set_aside,
                "swept"
            );
        }
    }
    let shown = surface(ctx, logged).await?;
    let due = match taken {
        Some(until) => Some(until),
        None => ctx.store.next_due().await?,
    };
    let next = [due, shown.next];
    Ok(Passed {
        complete: taken.is_none(),
        next: next.into_iter().flatten().min(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// L32: who watches from outside misses us as soon as the books differ.
    #[test]
    fn nobody_is_called_while_the_books_differ() {
        let signals = Signals::new();
        let passed = |complete| Passed {
            complete,
            next: None,
        };
        assert!(is_well(passed(true), &signals));
        assert!(!is_well(passed(false), &signals));
        signals.set_degraded(Degradation::Stalled, true);
        assert!(!is_well(passed(true), &signals));
    }
}
