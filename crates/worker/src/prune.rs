//! Removes what is past its time, once a day.

use std::sync::Arc;

use app::Context;
use app::ports::StoreError;
use domain::kernel::Span;
use tokio_util::sync::CancellationToken;

use crate::until;

/// Closed messages, notices and resolved alerts are kept so long.
pub const RETENTION: Span = Span::days(400);
const EVERY: Span = Span::days(1);

/// Prunes until stopped.
pub async fn run(ctx: Arc<Context>, stop: CancellationToken) {
    loop {
        match pass(&ctx).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "removed what is past its time"),
            Err(error) => tracing::warn!(%error, "what is past its time could not be removed"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = until(&ctx, None, EVERY) => {}
        }
    }
}

/// One removal; answers how many rows went.
///
/// # Errors
/// The store's.
pub async fn pass(ctx: &Context) -> Result<u64, StoreError> {
    let now = ctx.now();
    ctx.store.prune(now - RETENTION, now).await
}
