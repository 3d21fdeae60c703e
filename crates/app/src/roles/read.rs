//! Roles as lists and one by one.

use domain::access::Role;

use crate::{AppError, Context, Principal};

/// All roles, by name. Needs `roles:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_roles(ctx: &Context, principal: &Principal) -> Result<Vec<Role>, AppError> {
    let _ = (ctx, principal);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// One role. Needs `roles:read`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get_role(ctx: &Context, principal: &Principal, name: &str) -> Result<Role, AppError> {
    let _ = (ctx, principal, name);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// The roles that the caller may put on a token: those whose every scope the caller
/// holds. Any valid token may ask.
///
/// # Errors
/// The store's.
pub async fn grantable_roles(ctx: &Context, principal: &Principal) -> Result<Vec<Role>, AppError> {
    let _ = (ctx, principal);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
