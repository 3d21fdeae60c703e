//! A new role.

use domain::access::Role;

use crate::{AppError, Context, IdempotencyKey, Principal};

/// What a new role shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateRole {
    /// Its name, which is its id.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it allows; `*` is every scope.
    pub scopes: Vec<String>,
    /// Whether tokens with it may rotate themselves; `None` means yes.
    pub may_rotate_itself: Option<bool>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// Makes a role. Needs `roles:write` and everything the role grants.
///
/// # Errors
/// [`AppError::Forbidden`] names the missing scopes; [`AppError::Conflict`] if the name
/// is taken.
pub async fn create_role(
    ctx: &Context,
    principal: &Principal,
    request: CreateRole,
) -> Result<Role, AppError> {
    let _ = (ctx, principal, request);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
