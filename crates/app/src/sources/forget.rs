//! Forgetting a source that the configuration no longer names.

use domain::kernel::SourceId;

use crate::ports::Write;
use crate::unit::Unit;
use crate::{AppError, Context, Principal};

/// Where tokens issued here are watched; it cannot be forgotten.
const OWN: &str = "forewarn";

/// Forgets a source: its state and its credentials. What stands open about them is
/// closed by the next sweep. Needs `sources:write`. A source that is still configured is
/// read anew from its beginning.
///
/// # Errors
/// [`AppError::NotFound`] for a source that was never read; [`AppError::Conflict`] for
/// the tokens issued here.
pub async fn forget_source(ctx: &Context, principal: &Principal, id: &str) -> Result<(), AppError> {
    if !principal.grant.holds("sources:write") {
        return Err(AppError::lacks("sources:write", "to forget a source"));
    }
    if id == OWN {
        let sentence = "the tokens issued here are no source to forget; revoke them instead";
        return Err(AppError::conflict(sentence));
    }
    let unknown = || AppError::not_found(format!("source `{id}`"));
    let key = SourceId::parse(id).map_err(|_| unknown())?;
    ctx.store.source(&key).await?.ok_or_else(unknown)?;
    let mut unit = Unit::of(principal, ctx.now());
    let details = serde_json::json!({});
    unit.audit("source.forget", format!("source:{key}"), details);
    unit.write(Write::ForgetSource(key, ctx.now()));
    unit.commit(ctx).await
}
