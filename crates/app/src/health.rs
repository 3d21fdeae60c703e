//! Can this server serve, and what works only in part?

use std::collections::BTreeSet;

use domain::kernel::Span;

use crate::{Context, Degradation};

/// Whether requests can be answered, and what an operator should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// False: take this node out of service.
    pub serves: bool,
    /// What works only in part; a node that serves may still suffer from any of these.
    pub degraded: BTreeSet<Degradation>,
}

/// Asks the store, the signs of life and the clock. Open to everybody, for it says no
/// names.
pub async fn health(ctx: &Context) -> Health {
    let mut degraded = ctx.signals.degraded();
    let reached = ctx
        .channels
        .load()
        .iter()
        .any(|channel| channel.reaches_persons());
    if !reached {
        degraded.insert(Degradation::NoChannel);
    }
    if sweep_is_stale(ctx) {
        degraded.insert(Degradation::SweepStale);
    }
    let serves = ctx.store.ping().await.is_ok();
    Health { serves, degraded }
}

/// A sweep that has not completed for two intervals and a minute stands still. Before
/// the first one nothing is said: the worker sweeps at the start.
fn sweep_is_stale(ctx: &Context) -> bool {
    let patience = Span::from_micros(
        ctx.settings
            .load()
            .interval
            .as_micros()
            .saturating_mul(2)
            .saturating_add(Span::minutes(1).as_micros()),
    );
    ctx.signals
        .last_complete_sweep_at()
        .is_some_and(|at| at.until(ctx.now()) > patience)
}
