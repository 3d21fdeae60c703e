//! Tokens as lists and one by one.

use super::{TokenItem, Which};
use crate::ports::{CredentialFilter, Page, PageRequest};
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
    let _ = (ctx, principal, which);
    Err(AppError::Unavailable("not built yet".to_owned()))
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
    let _ = (ctx, principal, filter, page);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// The very token that authenticates; any valid token may ask.
///
/// # Errors
/// [`AppError::NotFound`] for a session, which has no token of its own.
pub async fn token_self(ctx: &Context, principal: &Principal) -> Result<TokenItem, AppError> {
    get_token(ctx, principal, &Which::Own).await
}
