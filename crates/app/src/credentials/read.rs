//! Credentials as lists and one by one.

use domain::inventory::Credential;
use domain::token::Token;

use crate::ports::{CredentialFilter, Page, PageRequest};
use crate::{AppError, Context, Principal};

/// A credential as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialItem {
    /// What every credential has.
    pub credential: Credential,
    /// What only tokens issued here have.
    pub token: Option<Token>,
}

/// The credential of this id. Without `credentials:read` only one's own and one's
/// teams'.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn get_credential(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<CredentialItem, AppError> {
    let _ = (ctx, principal, id);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// A page of credentials. Without `credentials:read` only one's own and one's teams'.
/// `now` and `visible_to` of the filter are set here. Exports walk the same pages.
///
/// # Errors
/// The store's.
pub async fn list_credentials(
    ctx: &Context,
    principal: &Principal,
    filter: CredentialFilter,
    page: &PageRequest,
) -> Result<Page<CredentialItem>, AppError> {
    let _ = (ctx, principal, filter, page);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
