//! Service accounts: owners that are programs.

use domain::people::ServiceAccount;

use crate::{AppError, Context, IdempotencyKey, Principal};

/// What a new service account shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateServiceAccount {
    /// As shown; unique.
    pub name: String,
    /// Id or name of the responsible team.
    pub team: Option<String>,
    /// What it may do: the ceiling of its tokens.
    pub roles: Vec<String>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// What shall change; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchServiceAccount {
    /// As shown.
    pub name: Option<String>,
    /// Id or name of the responsible team.
    pub team: Option<Option<String>>,
    /// All roles.
    pub roles: Option<Vec<String>>,
    /// False disables: its tokens stop at once and revive when enabled.
    pub active: Option<bool>,
}

/// Adds a service account. Needs `people:write` and everything the roles grant.
///
/// # Errors
/// [`AppError::Conflict`] if the name is taken.
pub async fn create_service_account(
    ctx: &Context,
    principal: &Principal,
    request: CreateServiceAccount,
) -> Result<ServiceAccount, AppError> {
    let _ = (ctx, principal, request);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// All service accounts, by id. Needs `people:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_service_accounts(
    ctx: &Context,
    principal: &Principal,
) -> Result<Vec<ServiceAccount>, AppError> {
    let _ = (ctx, principal);
    Err(AppError::Unavailable("not built yet".to_owned()))
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
    let _ = (ctx, principal, id);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// Changes a service account, named by id or name. Needs `people:write`; giving or
/// taking a role needs everything it grants.
///
/// # Errors
/// [`AppError::Conflict`] if nobody would hold `*` any more.
pub async fn patch_service_account(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: PatchServiceAccount,
    if_match: Option<u64>,
) -> Result<ServiceAccount, AppError> {
    let _ = (ctx, principal, id, patch, if_match);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
