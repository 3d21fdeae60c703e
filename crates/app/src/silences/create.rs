//! A new silence.

use domain::expiry::Silence;
use domain::inventory::Matcher;
use domain::kernel::{Instant, SilenceId};
use serde_json::json;

use super::read::load;
use crate::idempotency::{made_before, remember, twin};
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal};

/// What a new silence shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateSilence {
    /// About which credentials; at least one condition.
    pub matches: Matcher,
    /// From when on; `None`: now.
    pub starts_at: Option<Instant>,
    /// Until when, at most a year.
    pub ends_at: Instant,
    /// Why; never empty.
    pub reason: String,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// So many silences may run or be to come at once: every pass reads them all.
const MOST: usize = 500;
const REASON_BYTES_MAX: usize = 1000;

/// Makes a silence. Needs `alerts:write`. It never keeps the last day before an end back.
///
/// # Errors
/// [`AppError::Invalid`] for a silence that means everything, has no reason or no end.
pub async fn create_silence(
    ctx: &Context,
    principal: &Principal,
    request: CreateSilence,
) -> Result<Silence, AppError> {
    until_settled!(attempt(ctx, principal, &request))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    request: &CreateSilence,
) -> Result<Silence, AppError> {
    principal.need("alerts:write", "to silence")?;
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        return load(ctx, &made).await;
    }
    let mut silence = decide(ctx, principal, request).await?;
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::PutSilence(Box::new(silence.clone())))
        .audit(
            "silence.create",
            format!("silence:{}", silence.id),
            told(&silence),
        );
    remember(&mut unit, ctx, principal, key, silence.id.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    silence.version += 1;
    Ok(silence)
}

async fn decide(
    ctx: &Context,
    principal: &Principal,
    request: &CreateSilence,
) -> Result<Silence, AppError> {
    let now = ctx.now();
    let silence = Silence {
        id: SilenceId::random(&mut ctx.random.as_ref()),
        matches: request.matches.clone(),
        starts_at: request.starts_at.unwrap_or(now),
        ends_at: request.ends_at,
        by: principal.actor(),
        reason: reason(&request.reason)?,
        created_at: now,
        version: 0,
    };
    silence.check(now).map_err(|error| match error {
        domain::expiry::SilenceError::Matcher(error) => AppError::invalid("match", error),
        error => AppError::invalid("ends_at", error),
    })?;
    let standing = ctx.store.silences().await?;
    if standing.iter().filter(|s| s.ends_at > now).count() >= MOST {
        let sentence = format!("{MOST} silences run already; end one, or match more with one");
        return Err(AppError::conflict(sentence));
    }
    Ok(silence)
}

fn reason(text: &str) -> Result<String, AppError> {
    let odd = |c: char| c.is_control() && c != '\n';
    if text.trim().is_empty() || text.len() > REASON_BYTES_MAX || text.chars().any(odd) {
        let problem =
            format!("say why, in 1 to {REASON_BYTES_MAX} bytes without control characters");
        return Err(AppError::invalid("reason", problem));
    }
    Ok(text.to_owned())
}

/// What the audit log keeps of a silence.
pub(super) fn told(silence: &Silence) -> serde_json::Value {
    json!({
        "match": silence.matches,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "reason": silence.reason,
    })
}
