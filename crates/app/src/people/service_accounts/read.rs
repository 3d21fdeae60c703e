//! Service accounts as a list and one by one.

use domain::people::{Owner, ServiceAccount};

use crate::{AppError, Context, Principal};

/// All service accounts, by id. Needs `people:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_service_accounts(
    ctx: &Context,
    principal: &Principal,
) -> Result<Vec<ServiceAccount>, AppError> {
    principal.need("people:read", "to list service accounts")?;
    let directory = ctx.store.directory().await?;
    Ok(directory.service_accounts.values().cloned().collect())
}

/// One service account, by id or name. Needs `people:read`, except for oneself.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get_service_account(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<ServiceAccount, AppError> {
    let account = load(ctx, id).await;
    let is_own = |a: &ServiceAccount| Owner::ServiceAccount(a.id.clone()) == principal.owner;
    if !account.as_ref().is_ok_and(is_own) {
        principal.need("people:read", "to read service accounts")?;
    }
    account
}

/// The service account of this id or name.
pub(crate) async fn load(ctx: &Context, text: &str) -> Result<ServiceAccount, AppError> {
    let directory = ctx.store.directory().await?;
    let accounts = &directory.service_accounts;
    // The id first: nobody may stand before an account by taking its id as a name.
    let by_id = accounts.values().find(|a| a.id.as_str() == text);
    let found = by_id.or_else(|| accounts.values().find(|a| a.name.as_str() == text));
    found.cloned().ok_or_else(|| {
        let shown = crate::error::shown(text);
        AppError::not_found(format!("service account {shown}"))
    })
}
