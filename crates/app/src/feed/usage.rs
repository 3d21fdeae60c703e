//! Last use and use counts, from memory into the store.

use std::collections::BTreeSet;

use domain::inventory::Credential;
use domain::kernel::CredentialId;
use serde_json::Value;
use verifier::Use;

use super::restate::restate_if_wanted;
use crate::ports::Usage;
use crate::unit::Unit;
use crate::{AppError, Context};

/// So many tokens in one commit: who issues or revokes meanwhile waits for one of them at
/// the most.
const LOT: usize = 250;

/// Writes what was counted since the last flush, a lot at a time; what is not written when
/// it fails or is stopped goes back, so nothing is lost. Answers how many tokens were used.
///
/// # Errors
/// The store's.
pub async fn flush_usage(ctx: &Context) -> Result<u64, AppError> {
    let mut drained = Drained {
        ctx,
        uses: ctx.verifier.drain_usage(),
    };
    let count = drained.uses.len() as u64;
    while !drained.uses.is_empty() {
        let left = drained.uses.len().saturating_sub(LOT);
        let lot = drained.uses.iter().skip(left).map(as_stored).collect();
        flush(ctx, lot).await?;
        drained.uses.truncate(left);
    }
    Ok(count)
}

/// Uses that are in neither memory nor store; what is dropped before it is written goes back.
struct Drained<'a> {
    ctx: &'a Context,
    uses: Vec<Use>,
}

impl Drop for Drained<'_> {
    fn drop(&mut self) {
        let left = std::mem::take(&mut self.uses);
        self.ctx.verifier.put_back_usage(left);
    }
}

/// Writes an audit row for each revoked token that was presented (once until a restart),
/// and finishes what a crash left of effective scopes.
///
/// # Errors
/// The store's.
pub async fn settle(ctx: &Context) -> Result<(), AppError> {
    tell_refused(ctx).await?;
    restate_if_wanted(ctx).await
}

/// Uses and the looks that follow from them, in one commit.
pub(super) async fn flush(ctx: &Context, mut usage: Vec<Usage>) -> Result<(), AppError> {
    let elsewhere = elsewhere(ctx, &usage).await?;
    let now = ctx.now();
    for used in &mut usage {
        used.look_at = elsewhere.contains(&used.id).then_some(now);
    }
    if ctx.store.flush_usage(usage).await? > 0 || !elsewhere.is_empty() {
        ctx.sweep_wanted.notify_one();
    }
    Ok(())
}

/// Those to which another policy applies once this use is known: nobody else would have
/// the sweep look at them.
async fn elsewhere(ctx: &Context, usage: &[Usage]) -> Result<BTreeSet<CredentialId>, AppError> {
    let policies = &ctx.settings.load_full().policies;
    if !policies.look_at_use() {
        return Ok(BTreeSet::new());
    }
    let directory = ctx.store.directory().await?;
    let now = ctx.now();
    let policy = |c: &Credential| policies.for_credential(c, &directory, now).name.clone();
    let mut changed = BTreeSet::new();
    let ids: Vec<CredentialId> = usage.iter().map(|u| u.id.clone()).collect();
    for before in ctx.store.credentials_of(&ids).await? {
        let used = usage.iter().find(|u| u.id == before.id);
        let mut after = before.clone();
        after.last_used_at = before.last_used_at.max(used.map(|u| u.last_used_at));
        if policy(&before) != policy(&after) {
            changed.insert(before.id);
        }
    }
    Ok(changed)
}

fn as_stored(used: &Use) -> Usage {
    Usage {
        id: used.id.clone(),
        last_used_at: used.last_used_at,
        uses: used.uses,
        from: used.from,
        look_at: None,
    }
}

/// B11: a revoked token that is still presented is worth a row. The verifier tells of each
/// once, so what could not be written is kept here and goes first.
async fn tell_refused(ctx: &Context) -> Result<(), AppError> {
    let mut untold = ctx.untold.lock().await;
    if untold.is_empty() {
        *untold = ctx.verifier.drain_refused();
    }
    if untold.is_empty() {
        return Ok(());
    }
    let mut unit = Unit::by("system", ctx.now());
    for (id, at) in untold.iter() {
        let told = Value::from(at.to_string());
        unit.audit("token.presented_after_revoke", format!("token:{id}"), told);
    }
    unit.commit(ctx).await?;
    untold.clear();
    Ok(())
}
