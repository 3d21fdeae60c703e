//! From what a source tells to what the inventory believes.
//!
//! Observations and the checkpoint behind them become true in one commit, so nothing is
//! counted twice and nothing is lost. A read that failed, was empty or was incomplete
//! ends no credential.

mod batch;
mod close;
mod conclude;
mod dress;
mod event;
mod identity;
mod lines;
mod listed;
mod observe;
mod push;
mod pushed;
mod refused;
mod resolve;
mod state;
mod succession;
mod tally;

pub(crate) use close::gone;
pub(crate) use event::as_listed;
pub use observe::observe;
pub use push::{PushError, PushReport, Pushed, push_observations};
pub use pushed::read_credential;
pub use state::register;
pub(crate) use state::update;
pub use tally::Tally;

use domain::inventory::Observation;
use domain::kernel::Instant;

use crate::Context;
use crate::ports::{LineCounts, SourceState, StoreError};

/// How often a batch is applied again that met a changed credential.
const TRIES: usize = 5;

/// What becomes true of a source together with a batch.
#[derive(Clone, Debug)]
pub struct Behind {
    /// Where to read on from.
    pub checkpoint: serde_json::Value,
    /// What is added to its counts.
    pub counts: LineCounts,
}

/// Merges observations into the inventory and moves the source's checkpoint and counts,
/// in one commit. `began` is when the read began; it is what "seen in this read" means later.
///
/// # Errors
/// The store's; then nothing of the batch counts.
pub async fn reconcile(
    ctx: &Context,
    source: &mut SourceState,
    observations: &[Observation],
    behind: Option<Behind>,
    began: Instant,
) -> Result<Tally, StoreError> {
    let mut last = StoreError::Conflict(format!("source {}", source.id));
    for _ in 0..TRIES {
        match batch::apply(ctx, source, observations, behind.clone(), began).await {
            Err(StoreError::Conflict(what)) => {
                last = StoreError::Conflict(what);
                // Somebody assigned an owner, or asked for a sync: read both again.
                *source = state::load(ctx, &source.id, &source.system).await?;
            }
            other => return other,
        }
    }
    Err(last)
}
