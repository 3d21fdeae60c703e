//! Tells the verifier what roles and owners are worth now.

use crate::{AppError, Context};

/// Reads all roles and people into the verifier. Readings queue, so that the last one in
/// is never older than what was committed before it.
pub(crate) async fn refresh_standings(ctx: &Context) -> Result<(), AppError> {
    let _queue = ctx.standings.lock().await;
    let roles = ctx.store.roles().await?;
    let directory = ctx.store.directory().await?;
    ctx.verifier.refresh(roles, directory);
    Ok(())
}
