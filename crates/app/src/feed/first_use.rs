//! Ends the old value of a rotation once the new one was used.

use domain::inventory::End;
use domain::kernel::CredentialId;
use serde_json::Value;
use verifier::FirstUse;

use crate::ports::Write;
use crate::tokens::TokenItem;
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
        match until_settled!(settle(ctx, &event)) {
            Ok(has_ended) => ended += u64::from(has_ended),
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

async fn settle(ctx: &Context, event: &FirstUse) -> Result<bool, AppError> {
    let mut new = load(ctx, event.used.as_str()).await?;
    if new.token.ends_on_first_use.take().as_ref() != Some(&event.ends) {
        // Another node was first.
        return Ok(false);
    }
    let mut unit = Unit::by("system", ctx.now());
    unit.write(Write::PutToken(Box::new(new.token.clone())));
    let Some(mut old) = still_replaced(ctx, &new, &event.ends).await? else {
        unit.commit(ctx).await?;
        return Ok(false);
    };
    end(&mut old, ctx, &event.used, &mut unit);
    unit.commit(ctx).await?;
    drop(old.saved(ctx));
    Ok(true)
}

/// The old value, where it works and the new one still takes its place: one that was revoked
/// meanwhile ends nothing.
async fn still_replaced(
    ctx: &Context,
    new: &TokenItem,
    old: &CredentialId,
) -> Result<Option<TokenItem>, AppError> {
    let is_over = new.credential.revoked_at.is_some() || new.credential.gone_at.is_some();
    let old = match load(ctx, old.as_str()).await {
        Ok(old) => old,
        Err(AppError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let works = old.credential.remaining(ctx.now());
    let works = works.is_none_or(|left| left.is_positive());
    let replaced = old.token.rotated_to.as_ref() == Some(&new.token.id);
    Ok((works && replaced && !is_over).then_some(old))
}

fn end(old: &mut TokenItem, ctx: &Context, used: &CredentialId, unit: &mut Unit) {
    old.credential.end = End::Known(ctx.now());
    old.token.overlap_ends_at = Some(ctx.now());
    old.save(unit);
    unit.audit(
        "token.end_replaced",
        format!("token:{}", old.token.id),
        Value::from(format!("token:{used} was used")),
    );
}
