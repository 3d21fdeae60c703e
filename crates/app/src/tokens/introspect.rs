//! What resource servers ask: RFC 7662 introspection and RFC 7009 revocation.

use domain::kernel::{CredentialId, Instant};
use domain::people::Owner;

use domain::token::TokenKind;
use verifier::Outcome;

use super::revoke::revoke;
use crate::{AppError, AuthError, Context, Principal};

/// The answer of RFC 7662 §2.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// Unknown, malformed, expired, revoked or suspended; nothing else is told.
    Inactive,
    /// Works now.
    Active {
        /// `jti`.
        id: CredentialId,
        /// Personal, service account, connector or bootstrap.
        kind: TokenKind,
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
    principal.need("introspect", "to introspect tokens")?;
    let now = ctx.now();
    if !ctx.verifier.is_fresh(now) {
        return Err(AuthError::Stale.into());
    }
    Ok(match ctx.verifier.verify(presented, now) {
        Outcome::Verified(entry) => Introspection::Active {
            id: entry.id,
            kind: entry.kind,
            owner: entry.owner,
            scopes: entry.grant.words(),
            expires_at: entry.expires_at,
        },
        _ => Introspection::Inactive,
    })
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
    match ctx.verifier.inspect(presented, ctx.now()) {
        Outcome::Verified(entry) | Outcome::Expired(entry) | Outcome::Suspended(entry) => {
            revoke(ctx, principal, &entry.id).await.map(drop)
        }
        Outcome::Revoked(_) | Outcome::Unknown => Ok(()),
    }
}
