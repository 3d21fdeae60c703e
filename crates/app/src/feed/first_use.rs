//! What follows from the first use of the new value of a rotation.

use domain::inventory::End;
use domain::kernel::CredentialId;
use serde_json::Value;
use verifier::FirstUse;

use super::usage;
use crate::ports::{Usage, Write};
use crate::tokens::TokenItem;
use crate::tokens::load::load;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context};

/// Writes down that new values were first used since the last call, and ends the old value
/// of each whose rotation asked for that (`end_old: first_use`). Call several times a
/// second: it takes effect within one, on every node. Answers how many ended.
///
/// # Errors
/// The store's; what was not settled is tried again at the next call.
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

/// The use first: a value that is in use is not rotated by the one before, and every node
/// must know.
async fn settle(ctx: &Context, event: &FirstUse) -> Result<bool, AppError> {
    note(ctx, &event.used).await?;
    let mut new = load(ctx, event.used.as_str()).await?;
    if new.token.ends_on_first_use.take().as_ref() != Some(&event.ends) {
        // Another node was first.
        return Ok(false);
    }
    let mut unit = Unit::by("system", ctx.now());
    unit.write(Write::PutToken(Box::new(new.token.clone())));
    let ending = match event.ends == event.used {
        true => None,
        false => still_replaced(ctx, &new, &event.ends).await?,
    };
    let Some(mut old) = ending else {
        unit.commit(ctx).await?;
        return Ok(false);
    };
    end(&mut old, ctx, &event.used, &mut unit);
    unit.commit(ctx).await?;
    drop(old.saved(ctx));
    Ok(true)
}

/// Counts nothing: the use itself is written with the others.
async fn note(ctx: &Context, used: &CredentialId) -> Result<(), AppError> {
    let Some(last_used_at) = ctx.verifier.last_use(used) else {
        return Ok(());
    };
    let usage = Usage {
        id: used.clone(),
        last_used_at,
        uses: 0,
        from: None,
        look_at: None,
    };
    usage::flush(ctx, vec![usage]).await
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
