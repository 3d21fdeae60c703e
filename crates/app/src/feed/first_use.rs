//! Ends the old value of a rotation once the new one was used.

use domain::inventory::End;
use serde_json::Value;
use verifier::FirstUse;

use crate::ports::Write;
use crate::tokens::load::load;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context};

/// Ends every old value whose successor was used since the last call
/// (`end_old: first_use`). Call several times a second: it takes effect within one.
/// Answers how many ended.
///
/// # Errors
/// The store's; what was not ended is tried again at the next call.
pub async fn end_replaced(ctx: &Context) -> Result<u64, AppError> {
    let mut events = ctx.verifier.drain_first_uses().into_iter();
    let mut ended = 0;
    while let Some(event) = events.next() {
        match until_settled!(end_one(ctx, &event)) {
            Ok(()) => ended += 1,
            Err(AppError::NotFound { .. }) => {}
            Err(error) => {
                let rest = std::iter::once(event).chain(events).collect();
                ctx.verifier.put_back_first_uses(rest);
                return Err(error);
            }
        }
    }
    Ok(ended)
}

async fn end_one(ctx: &Context, event: &FirstUse) -> Result<(), AppError> {
    let now = ctx.now();
    let mut old = load(ctx, event.ends.as_str()).await?;
    let mut new = load(ctx, event.used.as_str()).await?;
    let mut unit = Unit::by("system", now);
    new.token.ends_on_first_use = None;
    unit.write(Write::PutToken(Box::new(new.token.clone())));
    if old.credential.expires_at().is_none_or(|end| now < end) {
        old.credential.end = End::Known(now);
        old.token.overlap_ends_at = Some(now);
        old.save(&mut unit);
        unit.audit(
            "token.end_replaced",
            format!("token:{}", event.ends),
            Value::from(format!("token:{} was used", event.used)),
        );
        unit.commit(ctx).await?;
        drop(old.saved(ctx));
        return Ok(());
    }
    unit.commit(ctx).await
}
