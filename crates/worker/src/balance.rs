//! Compares the books every hour, apart from the loops whose work they hold.
//!
//! The first look comes an hour after the start: what is late by then is late indeed.

use std::sync::Arc;
use std::time::Instant as Running;

use app::Context;
use app::sweep::balance;
use domain::kernel::{Span, SweepId};
use tokio_util::sync::CancellationToken;

use crate::pulse::Pulse;
use crate::until;

/// How often the books are compared.
pub const EVERY: Span = Span::hours(1);

/// Compares until stopped.
pub async fn run(ctx: Arc<Context>, stop: CancellationToken) {
    let began = ctx.now();
    let mut pulse = Pulse::default();
    pulse.believes(began, Running::now());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = until(&ctx, None, EVERY) => {}
        }
        // Of one wrong reading of the clock everything would be late.
        if !pulse.believes(ctx.now(), Running::now()) {
            continue;
        }
        let mut random: &dyn app::ports::Random = ctx.random.as_ref();
        let id = SweepId::random(&mut random);
        if let Err(error) = balance(&ctx, &id, began).await {
            tracing::error!(%error, "the books cannot be compared; they are in an hour");
        }
    }
}
