//! One token out of the store, with what only memory knows yet.

use domain::kernel::CredentialId;
use verifier::Outcome;

use super::TokenItem;
use crate::{AppError, Context};

/// The token of this id; a malformed id is not found.
pub(crate) async fn load(ctx: &Context, id: &str) -> Result<TokenItem, AppError> {
    let unknown = || {
        let shown = crate::error::shown(id);
        AppError::not_found(format!("token {shown}"))
    };
    let id = CredentialId::parse(id).map_err(|_| unknown())?;
    let credential = ctx.store.credential(&id).await?.ok_or_else(unknown)?;
    let token = ctx.store.token(&id).await?.ok_or_else(unknown)?;
    Ok(TokenItem { credential, token })
}

/// Adds what memory knows and the store will know soon: the latest use, and the
/// effective scopes after a role or owner changed.
pub(crate) fn freshen(ctx: &Context, mut item: TokenItem) -> TokenItem {
    let credential = &mut item.credential;
    credential.last_used_at = credential
        .last_used_at
        .max(ctx.verifier.last_use(&item.token.id));
    match ctx.verifier.look_up(&item.token.id, ctx.now()) {
        Outcome::Verified(entry) => {
            credential.scopes = entry.grant.words();
            credential.suspended = false;
        }
        Outcome::Suspended(_) => credential.suspended = true,
        Outcome::Unknown | Outcome::Expired(_) | Outcome::Revoked(_) => {}
    }
    item
}
