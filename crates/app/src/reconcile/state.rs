//! What is remembered of a source between reads.

use domain::expiry::Subject;
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
    let mut state = known.unwrap_or_else(|| fresh(id, system));
    state.system = system.to_owned();
    let put = Write::PutSource(Box::new(state));
    match commit(ctx, vec![put]).await {
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
    Ok(known.unwrap_or_else(|| fresh(id, system)))
}

fn fresh(id: &SourceId, system: &str) -> SourceState {
    SourceState {
        id: id.clone(),
        system: system.to_owned(),
        checkpoint: None,
        attempted_at: None,
        succeeded_at: None,
        complete_at: None,
        imported: false,
        failing: None,
        read: 0,
        unreadable: 0,
        remarks: Vec::new(),
        version: 0,
    }
}

/// Stores the state, moving its version along.
pub(super) async fn save(ctx: &Context, state: &mut SourceState) -> Result<(), StoreError> {
    save_with(ctx, state, Vec::new()).await
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

/// Looks at the source itself at once or at an instant to come.
pub(super) fn look_at(id: &SourceId, at: Instant) -> Write {
    Write::DueAtLatest(Subject::Source(id.clone()), at)
}

async fn commit(ctx: &Context, writes: Vec<Write>) -> Result<(), StoreError> {
    let audit = Vec::new();
    ctx.store.commit(Changes { writes, audit }).await
}
