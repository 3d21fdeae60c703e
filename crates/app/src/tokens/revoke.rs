//! The end of a token, at once.

use domain::inventory::State;
use domain::kernel::CredentialId;
use serde_json::json;
use verifier::Outcome;

use super::load::{freshen, load};
use super::read::visible;
use super::{TokenItem, Which};
use crate::people::ceiling::LastAdmin;
use crate::ports::{CredentialFilter, PageRequest};
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal};

/// Revokes a token; the first request that starts after the answer fails. Revoking
/// again answers the same. Any token may revoke itself, and nothing else: of the tokens
/// of one owner the one that leaked would end all others. That needs `tokens:revoke`, or
/// the owner in person.
///
/// # Errors
/// [`AppError::Conflict`] for the last token that holds `*`.
pub async fn revoke_token(
    ctx: &Context,
    principal: &Principal,
    which: &Which,
) -> Result<TokenItem, AppError> {
    let item = visible(ctx, principal, which, &["tokens:read", "tokens:revoke"]).await?;
    let may = match &principal.token {
        Some(token) => *token == item.token.id,
        None => item.credential.owner.as_ref() == Some(&principal.owner),
    };
    if !may {
        principal.need("tokens:revoke", "to revoke other tokens than one's own")?;
    }
    revoke(ctx, principal, &item.token.id).await
}

/// Revokes without asking whether the caller may.
pub(crate) async fn revoke(
    ctx: &Context,
    principal: &Principal,
    id: &CredentialId,
) -> Result<TokenItem, AppError> {
    until_settled!(attempt(ctx, principal, id))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &CredentialId,
) -> Result<TokenItem, AppError> {
    let mut item = load(ctx, id.as_str()).await?;
    let now = ctx.now();
    if item.credential.revoked_at.is_some() {
        // Perhaps another node revoked it: the answer promises that this one knows too.
        ctx.verifier.put(&item.credential, &item.token);
        return Ok(freshen(ctx, item));
    }
    let mut unit = Unit::of(principal, now);
    if is_admin(ctx, id) {
        guard_last_admin(ctx, &mut unit, id).await?;
    }
    item.credential.revoked_at = Some(now);
    item.save(&mut unit);
    let before = replaced_by(ctx, &item).await?;
    if let Some(before) = &before {
        before.save(&mut unit);
    }
    let told = json!({ "name": item.credential.name, "owner": item.credential.owner });
    unit.audit("token.revoke", format!("token:{id}"), told);
    unit.commit(ctx).await?;
    drop(before.map(|before| before.saved(ctx)));
    Ok(freshen(ctx, item.saved(ctx)))
}

/// The value that this one replaces, standing by itself again: its end is nobody's plan any
/// more, so it is warned of and can be rotated anew. `None` where it is over, or replaced by
/// another.
async fn replaced_by(ctx: &Context, item: &TokenItem) -> Result<Option<TokenItem>, AppError> {
    let Some(id) = &item.token.rotated_from else {
        return Ok(None);
    };
    let mut before = load(ctx, id.as_str()).await?;
    let ends_at = before.credential.expires_at();
    let is_over = before.credential.revoked_at.is_some() || ends_at.is_some_and(|e| e <= ctx.now());
    if is_over || before.token.rotated_to.as_ref() != Some(&item.token.id) {
        return Ok(None);
    }
    before.token.rotated_to = None;
    before.token.overlap_ends_at = None;
    before.credential.in_overlap = false;
    before.credential.successor = None;
    Ok(Some(before))
}

fn is_admin(ctx: &Context, id: &CredentialId) -> bool {
    match ctx.verifier.look_up(id, ctx.now()) {
        Outcome::Verified(entry) => entry.grant.is_all(),
        _ => false,
    }
}

/// Two revocations at once cannot each leave the other's token as the last.
async fn guard_last_admin(
    ctx: &Context,
    unit: &mut Unit,
    id: &CredentialId,
) -> Result<(), AppError> {
    let guard = LastAdmin::read(ctx).await?;
    let filter = CredentialFilter {
        now: ctx.now(),
        issued_here: Some(true),
        scopes: vec!["*".to_owned()],
        states: vec![State::Active],
        ..CredentialFilter::default()
    };
    let mut page = PageRequest {
        limit: 100,
        after: None,
    };
    loop {
        let found = ctx.store.list_credentials(&filter, &page).await?;
        let mut others = found.items.iter().filter(|(c, _)| c.id != *id);
        if others.any(|(c, _)| is_admin(ctx, &c.id)) {
            guard.queue(unit, id.to_string());
            return Ok(());
        }
        page.after = found.next;
        if page.after.is_none() {
            return Err(AppError::conflict(
                "this is the last token that may do everything; issue another one first",
            ));
        }
    }
}
