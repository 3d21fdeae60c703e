//! "Yes, they are gone": what a source suddenly lacked may be closed.

use domain::expiry::Subject;
use serde_json::json;

use crate::ports::{SourceState, Write};
use crate::reconcile::{gone, update};
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal};

/// Closes what the last whole listing of a held source lacked, and answers the source as
/// it then stands. Needs `sources:write`.
///
/// # Errors
/// [`AppError::NotFound`] for a source that was never read; [`AppError::Conflict`] for one
/// of which nothing is held.
pub async fn accept_source(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<SourceState, AppError> {
    principal.need("sources:write", "to accept what is missing from a source")?;
    let mut source = until_settled!(remember(ctx, principal, id))?;
    let read_at = source.held.as_ref().map(|held| held.read_at);
    if let Some(read_at) = read_at {
        gone(ctx, &source.id, read_at).await?;
        let look_at = Write::DueAtLatest(Subject::Source(source.id.clone()), ctx.now());
        update(ctx, &mut source, vec![look_at], |source| {
            source.held = None;
            source.complete_at = source.complete_at.max(Some(read_at));
        })
        .await?;
        ctx.sweep_wanted.notify_one();
    }
    Ok(source)
}

/// The wish and its audit row come first: what a crash leaves unclosed, the next whole
/// listing closes without asking again.
async fn remember(ctx: &Context, principal: &Principal, id: &str) -> Result<SourceState, AppError> {
    let mut source = super::read::find(ctx, id).await?;
    let Some(held) = &mut source.held else {
        let sentence = format!("nothing of source `{}` is held", source.id);
        return Err(AppError::conflict(sentence));
    };
    held.accepted = true;
    let details = json!({ "missing": held.missing, "of": held.of, "since": held.since });
    let mut unit = Unit::of(principal, ctx.now());
    unit.audit("source.accept", format!("source:{}", source.id), details);
    unit.write(Write::PutSource(Box::new(source.clone())));
    unit.commit(ctx).await?;
    source.version += 1;
    Ok(source)
}
