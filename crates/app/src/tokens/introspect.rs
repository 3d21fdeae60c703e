//! What resource servers ask: RFC 7662 introspection and RFC 7009 revocation.

use domain::kernel::{CredentialId, Instant};
use domain::people::Owner;

use crate::{AppError, Context, Principal};

/// The answer of RFC 7662 §2.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// Unknown, malformed, expired, revoked or suspended; nothing else is told.
    Inactive,
    /// Works now.
    Active {
        /// `jti`.
        id: CredentialId,
        /// `sub`: its owner.
        owner: Owner,
        /// `scope`: the effective scopes, `*` for all.
        scopes: Vec<String>,
        /// `exp`.
        expires_at: Option<Instant>,
    },
}

/// Tells a resource server whether a presented token works. Needs `introspect`.
///
/// # Errors
/// [`AppError::Forbidden`] without `introspect`.
pub async fn introspect(
    ctx: &Context,
    principal: &Principal,
    presented: &str,
) -> Result<Introspection, AppError> {
    let _ = (ctx, principal, presented);
    Ok(Introspection::Inactive)
}

/// Revokes a token that is presented as a whole, which proves that the caller holds it
/// (RFC 7009). An unknown or malformed one is no error.
///
/// # Errors
/// The store's, and [`AppError::Conflict`] for the last admin token.
pub async fn revoke_presented(
    ctx: &Context,
    principal: &Principal,
    presented: &str,
) -> Result<(), AppError> {
    let _ = (ctx, principal, presented);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
