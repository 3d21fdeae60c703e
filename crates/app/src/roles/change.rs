//! Changing what a role grants, and with it what everybody who carries it may do.

use domain::access::Role;

use crate::{AppError, Context, Principal};

/// What shall change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchRole {
    /// What it is for.
    pub description: Option<String>,
    /// All it allows.
    pub scopes: Option<Vec<String>>,
    /// Whether tokens with it may rotate themselves.
    pub may_rotate_itself: Option<bool>,
}

/// Changes a role. Needs `roles:write` and everything the role grants before and after.
///
/// # Errors
/// [`AppError::Conflict`] for the fixed roles; [`AppError::Stale`] when another version
/// stands.
pub async fn change_role(
    ctx: &Context,
    principal: &Principal,
    name: &str,
    patch: PatchRole,
    if_match: Option<u64>,
) -> Result<Role, AppError> {
    let _ = (ctx, principal, name, patch, if_match);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
