//! Who asks: from the text of a bearer token to a principal, without any database.

use domain::kernel::CredentialId;

use crate::{AppError, AuthError, Context, Principal};

/// Proves a bearer token from memory and counts the use.
///
/// # Errors
/// One variant per way to be refused; see [`AuthError`].
pub fn authenticate(ctx: &Context, bearer: &str) -> Result<Principal, AuthError> {
    let _ = (ctx, bearer);
    Err(AuthError::Invalid)
}

/// The principal behind a session that an earlier proof of this token opened.
///
/// # Errors
/// As [`authenticate`]: a session dies with its token.
pub fn authenticate_session(ctx: &Context, token: &CredentialId) -> Result<Principal, AuthError> {
    let _ = (ctx, token);
    Err(AuthError::Invalid)
}

/// Forward-auth: a bearer token that holds every one of the scopes.
///
/// # Errors
/// [`AppError::Unauthenticated`]; [`AppError::Forbidden`] naming the missing scopes.
pub fn verify_for_scopes(
    ctx: &Context,
    bearer: &str,
    scopes: &[String],
) -> Result<Principal, AppError> {
    let _ = (ctx, bearer, scopes);
    Err(AuthError::Invalid.into())
}
