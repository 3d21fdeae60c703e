//! Roles as lists and one by one.

use domain::access::{Role, check_grant};
use domain::kernel::RoleName;

use crate::{AppError, Context, Principal};

/// All roles, by name. Needs `roles:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_roles(ctx: &Context, principal: &Principal) -> Result<Vec<Role>, AppError> {
    principal.need("roles:read", "to list roles")?;
    Ok(ctx.store.roles().await?.values().cloned().collect())
}

/// One role. Needs `roles:read`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get_role(ctx: &Context, principal: &Principal, name: &str) -> Result<Role, AppError> {
    principal.need("roles:read", "to read roles")?;
    load(ctx, name).await
}

/// The roles that the caller may put on a token: those whose every scope the caller
/// holds. Any valid token may ask.
///
/// # Errors
/// The store's.
pub async fn grantable_roles(ctx: &Context, principal: &Principal) -> Result<Vec<Role>, AppError> {
    let mut roles: Vec<Role> = ctx.store.roles().await?.values().cloned().collect();
    roles.retain(|role| check_grant(&role.grant, &principal.grant).is_ok());
    Ok(roles)
}

/// The role of this name; a text that names none is not found.
pub(crate) async fn load(ctx: &Context, name: &str) -> Result<Role, AppError> {
    let shown = crate::error::shown(name);
    let unknown = || AppError::not_found(format!("role `{shown}`"));
    let name = RoleName::parse(name).map_err(|_| unknown())?;
    ctx.store
        .roles()
        .await?
        .get(&name)
        .cloned()
        .ok_or_else(unknown)
}
