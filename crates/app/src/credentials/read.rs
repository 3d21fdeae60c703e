//! Credentials as lists and one by one.

use domain::inventory::Credential;
use domain::kernel::CredentialId;
use domain::token::Token;

use crate::ports::{CredentialFilter, Page, PageRequest};
use crate::sight::{narrow, reaches};
use crate::tokens::TokenItem;
use crate::tokens::load::freshen;
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
    visible(ctx, principal, id, &["credentials:read"])
        .await
        .map(|item| item.fresh(ctx))
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
    let filter = narrow(ctx, principal, &["credentials:read"], filter).await?;
    let found = ctx.store.list_credentials(&filter, page).await?;
    let items = found
        .items
        .into_iter()
        .map(|(credential, token)| CredentialItem { credential, token }.fresh(ctx));
    Ok(Page {
        items: items.collect(),
        next: found.next,
    })
}

/// The credential, if the caller may see it: by owner or team, or with a scope.
pub(crate) async fn visible(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    scopes: &[&str],
) -> Result<CredentialItem, AppError> {
    let shown = crate::error::shown(id);
    let unknown = || AppError::not_found(format!("credential {shown}"));
    let id = CredentialId::parse(id).map_err(|_| unknown())?;
    let credential = ctx.store.credential(&id).await?.ok_or_else(unknown)?;
    if !reaches(ctx, principal, scopes, &credential).await? {
        return Err(unknown());
    }
    let token = ctx.store.token(&id).await?;
    Ok(CredentialItem { credential, token })
}

impl CredentialItem {
    /// With what memory knows of tokens issued here.
    pub(crate) fn fresh(self, ctx: &Context) -> Self {
        let credential = self.credential;
        let Some(token) = self.token else {
            let token = None;
            return Self { credential, token };
        };
        let item = freshen(ctx, TokenItem { credential, token });
        Self {
            credential: item.credential,
            token: Some(item.token),
        }
    }
}
