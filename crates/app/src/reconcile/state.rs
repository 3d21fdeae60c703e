//! What is remembered of a source between reads.

use domain::expiry::{Subject, patience};
use domain::kernel::{Instant, SourceId};

use crate::Context;
use crate::ports::{Changes, SourceState, StoreError, Write};

/// Remembers a source of the configuration; does nothing to one that is known.
///
/// # Errors
/// The store's.
pub async fn register(ctx: &Context, id: &SourceId, system: &str) -> Result<(), StoreError> {
    let known = ctx.store.source(id).await?;
    if known.as_ref().is_some_and(|s| s.system == system) {
        return Ok(());
    }
    let mut state = known.unwrap_or_else(|| SourceState::new(id.clone(), system));
    state.system = system.to_owned();
    let put = Write::PutSource(Box::new(state));
    // One that is never read is found blind in time.
    let at = ctx.now() + patience(ctx.settings.load().interval_of(id));
    match commit(ctx, vec![put, look_at(id, at)]).await {
        // Another node was faster.
        Err(StoreError::Conflict(_) | StoreError::Duplicate(_)) => Ok(()),
        other => other,
    }
}

/// What is remembered, or a fresh start.
pub(super) async fn load(
    ctx: &Context,
    id: &SourceId,
    system: &str,
) -> Result<SourceState, StoreError> {
    let known = ctx.store.source(id).await?;
    Ok(known.unwrap_or_else(|| SourceState::new(id.clone(), system)))
}

/// Stores the state together with other writes.
pub(super) async fn save_with(
    ctx: &Context,
    state: &mut SourceState,
    mut writes: Vec<Write>,
) -> Result<(), StoreError> {
    writes.push(Write::PutSource(Box::new(state.clone())));
    commit(ctx, writes).await?;
    state.version += 1;
    Ok(())
}

/// How often a change is made again that met another one.
const TRIES: usize = 5;

/// Changes the state together with other writes; where somebody else was faster, what
/// they left is changed.
pub(crate) async fn update(
    ctx: &Context,
    state: &mut SourceState,
    writes: Vec<Write>,
    change: impl Fn(&mut SourceState),
) -> Result<(), StoreError> {
    let mut last = StoreError::Conflict(format!("source {}", state.id));
    for _ in 0..TRIES {
        let mut next = state.clone();
        change(&mut next);
        match save_with(ctx, &mut next, writes.clone()).await {
            Err(StoreError::Conflict(what)) => last = StoreError::Conflict(what),
            other => {
                *state = next;
                return other;
            }
        }
        *state = load(ctx, &state.id, &state.system).await?;
    }
    Err(last)
}

/// Looks at the source itself at once or at an instant to come.
pub(super) fn look_at(id: &SourceId, at: Instant) -> Write {
    Write::DueAtLatest(Subject::Source(id.clone()), at)
}

async fn commit(ctx: &Context, writes: Vec<Write>) -> Result<(), StoreError> {
    let audit = Vec::new();
    ctx.store.commit(Changes { writes, audit }).await
}
