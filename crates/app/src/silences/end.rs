//! Ending a silence before its time: what it kept back is said in the next pass.

use domain::expiry::Silence;

use super::create::told;
use super::read::load;
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal, sweep};

/// Ends a silence now. Needs `alerts:write`. One that runs is kept, with its new end, as
/// long as other things that are over; one that never began is removed; one that is over
/// stays as it is.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn end_silence(ctx: &Context, principal: &Principal, id: &str) -> Result<(), AppError> {
    let Some(ended) = until_settled!(attempt(ctx, principal, id))? else {
        return Ok(());
    };
    let directory = ctx.store.directory().await?;
    let now = ctx.now();
    sweep::requeue_matching(ctx, |c| ended.matches.matches(c, &directory, now)).await?;
    ctx.sweep_wanted.notify_one();
    Ok(())
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<Option<Silence>, AppError> {
    principal.need("alerts:write", "to end silences")?;
    let mut silence = load(ctx, id).await?;
    let now = ctx.now();
    if silence.ends_at <= now {
        return Ok(None);
    }
    let write = if now <= silence.starts_at {
        Write::RemoveSilence(silence.id.clone(), silence.version)
    } else {
        silence.ends_at = now;
        Write::PutSilence(Box::new(silence.clone()))
    };
    let mut unit = Unit::of(principal, now);
    unit.write(write).audit(
        "silence.end",
        format!("silence:{}", silence.id),
        told(&silence),
    );
    unit.commit(ctx).await?;
    Ok(Some(silence))
}
