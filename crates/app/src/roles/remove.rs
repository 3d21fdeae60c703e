//! Removing a role that nobody carries.

use crate::{AppError, Context, Principal};

/// Removes a role. Needs `roles:write` and everything the role grants.
///
/// # Errors
/// [`AppError::Conflict`] for the fixed roles, and while a person, a service account or
/// a live token carries it.
pub async fn remove_role(ctx: &Context, principal: &Principal, name: &str) -> Result<(), AppError> {
    let _ = (ctx, principal, name);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
