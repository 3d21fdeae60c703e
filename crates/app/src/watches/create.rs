//! A new rule about watchers.

use domain::inventory::{Matcher, Watch, WatcherRule};
use domain::kernel::WatchId;
use domain::people::{Directory, Recipient};
use serde_json::json;

use super::read::{is_own, load, oneself};
use crate::idempotency::{made_before, remember, twin};
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal, sweep};

/// What a new rule shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateWatch {
    /// Of which credentials; at least one condition.
    pub matches: Matcher,
    /// Who hears: `team:NAME`, an address, a person's id. Empty means the caller.
    pub notify: Vec<String>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// So many rules may stand at once: every pass reads them all.
const MOST: usize = 500;
/// Whom one rule may name.
const HEARERS_MAX: usize = 50;

/// Makes a rule: who is named hears of every credential that fits, as long as it does, and
/// of what stands already at once. For oneself it needs `credentials:read`, for others
/// `credentials:write`, for they then hear what they might not see.
///
/// # Errors
/// [`AppError::Invalid`] for a rule that means everything, or names somebody who is not
/// there; [`AppError::Conflict`] when there are too many.
pub async fn create_watch(
    ctx: &Context,
    principal: &Principal,
    request: CreateWatch,
) -> Result<Watch, AppError> {
    let made = until_settled!(attempt(ctx, principal, &request))?;
    look_again(ctx, &made).await?;
    Ok(made)
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    request: &CreateWatch,
) -> Result<Watch, AppError> {
    principal.need("credentials:read", "to watch credentials of others")?;
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        return load(ctx, principal, &made).await;
    }
    let mut watch = decide(ctx, principal, request).await?;
    if !is_own(&watch, principal) {
        principal.need("credentials:write", "to let others watch")?;
    }
    let mut unit = Unit::of(principal, ctx.now());
    let target = format!("watch:{}", watch.id);
    unit.write(Write::PutWatch(Box::new(watch.clone()))).audit(
        "watch.create",
        target,
        told(&watch),
    );
    remember(&mut unit, ctx, principal, key, watch.id.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    watch.version += 1;
    Ok(watch)
}

async fn decide(
    ctx: &Context,
    principal: &Principal,
    request: &CreateWatch,
) -> Result<Watch, AppError> {
    let matches = request.matches.clone();
    matches.check().map_err(|e| AppError::invalid("match", e))?;
    let directory = ctx.store.directory().await?;
    let rule = WatcherRule {
        matches,
        notify: hearers(principal, &request.notify, &directory)?,
    };
    let watch = Watch {
        id: WatchId::random(&mut ctx.random.as_ref()),
        rule,
        by: principal.actor(),
        created_at: ctx.now(),
        version: 0,
    };
    if ctx.store.watches().await?.len() >= MOST {
        let sentence = format!("{MOST} rules stand already; remove one, or match more with one");
        return Err(AppError::conflict(sentence));
    }
    Ok(watch)
}

/// Whom the words mean, as they are kept: by id, so that a new name changes nothing.
fn hearers(
    principal: &Principal,
    words: &[String],
    directory: &Directory,
) -> Result<Vec<String>, AppError> {
    const FIELD: &str = "notify";
    if words.len() > HEARERS_MAX {
        let problem = format!("at most {HEARERS_MAX} are allowed");
        return Err(AppError::invalid(FIELD, problem));
    }
    let one = |word: &String| {
        let shown: String = word.chars().take(64).collect();
        let nobody =
            || format!("`{shown}` names nobody here; give team:NAME, an address or a person's id");
        let named = directory.recipient_named(word);
        named.ok_or_else(|| AppError::invalid(FIELD, nobody()))
    };
    let mut named: Vec<Recipient> = words.iter().map(one).collect::<Result<_, _>>()?;
    if words.is_empty() {
        let problem = "name who is to hear; a service account has no address";
        let own = oneself(principal);
        named.push(own.ok_or_else(|| AppError::invalid(FIELD, problem))?);
    }
    named.sort();
    named.dedup();
    Ok(named.iter().map(ToString::to_string).collect())
}

/// What fits is looked at in the next pass: whom the rule names hears what stands.
pub(super) async fn look_again(ctx: &Context, watch: &Watch) -> Result<(), AppError> {
    let directory = ctx.store.directory().await?;
    let (now, rule) = (ctx.now(), &watch.rule);
    sweep::requeue_matching(ctx, |c| rule.matches.matches(c, &directory, now)).await?;
    ctx.sweep_wanted.notify_one();
    Ok(())
}

/// What the audit log keeps of a rule.
pub(super) fn told(watch: &Watch) -> serde_json::Value {
    json!({ "match": watch.rule.matches, "notify": watch.rule.notify })
}
