//! The policies of the configuration, in the order in which they are asked.

use domain::expiry::Policy;

use crate::{AppError, Context, Principal};

/// All policies, first the one that is asked first; `default` last. Needs `alerts:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn list_policies(ctx: &Context, principal: &Principal) -> Result<Vec<Policy>, AppError> {
    principal.need("alerts:read", "to list policies")?;
    let settings = ctx.settings.load();
    Ok(settings.policies.in_order().cloned().collect())
}
