//! Tokens as lists and one by one.

use super::load::{freshen, load};
use super::{TokenItem, Which};
use crate::ports::{CredentialFilter, Page, PageRequest};
use crate::sight::{narrow, reaches};
use crate::{AppError, Context, Principal};

/// The token of this id. Without `tokens:read` only one's own and one's teams'.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn get_token(
    ctx: &Context,
    principal: &Principal,
    which: &Which,
) -> Result<TokenItem, AppError> {
    visible(ctx, principal, which, &["tokens:read"])
        .await
        .map(|item| freshen(ctx, item))
}

/// The token, if the caller may see it: its own, by owner or team, or with a scope.
pub(crate) async fn visible(
    ctx: &Context,
    principal: &Principal,
    which: &Which,
    scopes: &[&str],
) -> Result<TokenItem, AppError> {
    let own = principal.token.as_ref();
    let id = match which {
        Which::Id(id) => id.as_str(),
        Which::Own => own
            .ok_or_else(|| AppError::not_found("a token of this session"))?
            .as_str(),
    };
    let item = load(ctx, id).await?;
    let is_own = own == Some(&item.token.id);
    if is_own || reaches(ctx, principal, scopes, &item.credential).await? {
        Ok(item)
    } else {
        Err(AppError::not_found(format!("token {}", item.token.id)))
    }
}

/// A page of tokens. Without `tokens:read` only one's own and one's teams'. `now`,
/// `issued_here` and `visible_to` of the filter are set here.
///
/// # Errors
/// The store's.
pub async fn list_tokens(
    ctx: &Context,
    principal: &Principal,
    filter: CredentialFilter,
    page: &PageRequest,
) -> Result<Page<TokenItem>, AppError> {
    let filter = CredentialFilter {
        issued_here: Some(true),
        ..narrow(ctx, principal, &["tokens:read"], filter).await?
    };
    let found = ctx.store.list_credentials(&filter, page).await?;
    let items = found.items.into_iter().filter_map(|(credential, token)| {
        let token = token?;
        Some(freshen(ctx, TokenItem { credential, token }))
    });
    Ok(Page {
        items: items.collect(),
        next: found.next,
    })
}

/// The very token that authenticates; any valid token may ask.
///
/// # Errors
/// [`AppError::NotFound`] for a session, which has no token of its own.
pub async fn token_self(ctx: &Context, principal: &Principal) -> Result<TokenItem, AppError> {
    get_token(ctx, principal, &Which::Own).await
}
