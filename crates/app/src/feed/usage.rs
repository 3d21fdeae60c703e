//! Last use and use counts, from memory into the store.

use serde_json::Value;
use verifier::Use;

use super::restate::restate_if_wanted;
use crate::ports::Usage;
use crate::unit::Unit;
use crate::{AppError, Context};

/// Writes what was counted since the last flush; on failure the counts go back, so
/// nothing is lost. Answers how many tokens were used. Also writes an audit row for each
/// revoked token that was presented (once until a restart), and finishes what a crash
/// left of effective scopes.
///
/// # Errors
/// The store's.
pub async fn flush_usage(ctx: &Context) -> Result<u64, AppError> {
    let used = ctx.verifier.drain_usage();
    let count = used.len() as u64;
    if !used.is_empty() {
        let usage = used.iter().map(as_stored).collect();
        if let Err(error) = ctx.store.flush_usage(usage).await {
            ctx.verifier.put_back_usage(used);
            return Err(error.into());
        }
    }
    tell_refused(ctx).await?;
    restate_if_wanted(ctx).await?;
    Ok(count)
}

fn as_stored(used: &Use) -> Usage {
    Usage {
        id: used.id.clone(),
        last_used_at: used.last_used_at,
        uses: used.uses,
    }
}

/// B11: a revoked token that is still presented is worth a row.
async fn tell_refused(ctx: &Context) -> Result<(), AppError> {
    let refused = ctx.verifier.drain_refused();
    if refused.is_empty() {
        return Ok(());
    }
    let mut unit = Unit::by("system", ctx.now());
    for (id, at) in refused {
        let told = Value::from(at.to_string());
        unit.audit("token.presented_after_revoke", format!("token:{id}"), told);
    }
    unit.commit(ctx).await
}
