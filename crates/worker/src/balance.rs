//! Compares the books every hour, apart from the loops whose work they hold.
//!
//! The first look comes an hour after the start: what is late by then is late indeed.

use std::sync::Arc;
use std::time::Instant as Running;

use app::sweep::balance;
use app::{Context, Degradation};
use domain::kernel::{Instant, Span, SweepId};
use tokio_util::sync::CancellationToken;

use crate::pulse::Pulse;
use crate::until;

/// How often the books are compared.
pub const EVERY: Span = Span::hours(1);

/// So often in a row the comparison may fail before that is as bad as a difference.
const FAILURES_MAX: u32 = 2;

/// Since when this process could have done its part, and whether the clock is believed.
pub struct Watch {
    began: Instant,
    pulse: Pulse,
}

impl Watch {
    /// The process begins.
    pub fn begin(clock: Instant, running: Running) -> Self {
        let mut pulse = Pulse::default();
        pulse.believes(clock, running);
        let began = clock;
        Self { began, pulse }
    }

    /// Since when the books are to balance; `None` where this reading of the clock is not
    /// believed, of which everything would be late. A beginning that is still ahead was read
    /// from a wrong clock: the process begins now.
    pub fn since(&mut self, clock: Instant, running: Running) -> Option<Instant> {
        if !self.pulse.believes(clock, running) {
            return None;
        }
        self.began = self.began.min(clock);
        Some(self.began)
    }
}

/// Compares until stopped.
pub async fn run(ctx: Arc<Context>, stop: CancellationToken) {
    let mut watch = Watch::begin(ctx.now(), Running::now());
    let mut failures = 0_u32;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = until(&ctx, None, EVERY) => {}
        }
        let Some(began) = watch.since(ctx.now(), Running::now()) else {
            continue;
        };
        let mut random: &dyn app::ports::Random = ctx.random.as_ref();
        let id = SweepId::random(&mut random);
        match balance(&ctx, &id, began).await {
            Ok(_) => failures = 0,
            Err(error) => {
                tracing::error!(%error, "the books cannot be compared; they are in an hour");
                failures = failures.saturating_add(1);
            }
        }
        // Nobody knows any more whether something is passed over.
        if failures >= FAILURES_MAX {
            ctx.signals.set_degraded(Degradation::Stalled, true);
        }
    }
}
