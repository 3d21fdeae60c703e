//! Who asks: from the text of a bearer token to a principal, without any database.

use std::net::IpAddr;
use std::sync::Arc;

use domain::access::Grant;
use domain::access::check_grant;
use domain::kernel::{CredentialId, Instant};
use domain::token::TokenKind;
use verifier::{Entry, Outcome};

use crate::tokens::{Proven, Standing};
use crate::{AppError, AuthError, Context, Principal};

/// Proves a bearer token from memory and counts the use.
///
/// # Errors
/// One variant per way to be refused; see [`AuthError`].
pub fn authenticate(ctx: &Context, bearer: &str) -> Result<Principal, AuthError> {
    prove(ctx, bearer, ctx.now(), None).map(|proven| proven.principal)
}

/// The same at an instant that the caller read, of a request from this address (`None`
/// where that is not known), and how the token stands.
///
/// # Errors
/// As [`authenticate`].
pub fn prove(
    ctx: &Context,
    bearer: &str,
    now: Instant,
    from: Option<IpAddr>,
) -> Result<Proven, AuthError> {
    if bearer.is_empty() {
        return Err(AuthError::Missing);
    }
    if !ctx.verifier.is_fresh(now) {
        return Err(AuthError::Stale);
    }
    judged(ctx.verifier.verify_from(bearer, now, from))
}

/// The principal behind a session that an earlier proof of this token opened.
///
/// # Errors
/// As [`authenticate`]: a session dies with its token.
pub fn authenticate_session(ctx: &Context, token: &CredentialId) -> Result<Principal, AuthError> {
    let now = ctx.now();
    if !ctx.verifier.is_fresh(now) {
        return Err(AuthError::Stale);
    }
    judged(ctx.verifier.look_up(token, now)).map(|proven| proven.principal)
}

fn judged(outcome: Outcome) -> Result<Proven, AuthError> {
    match outcome {
        Outcome::Verified(entry) => Ok(proven(entry)),
        Outcome::Unknown => Err(AuthError::Invalid),
        Outcome::Expired(_) => Err(AuthError::Expired),
        Outcome::Revoked(_) => Err(AuthError::Revoked),
        Outcome::Suspended(_) => Err(AuthError::Suspended),
    }
}

fn proven(entry: Entry) -> Proven {
    let standing = Standing::new(entry.version, Arc::clone(&entry.grant));
    let principal = Principal {
        token: Some(entry.id),
        kind: Some(entry.kind),
        owner: entry.owner,
        grant: entry.grant,
        expires_at: entry.expires_at,
        ingest_source: entry.ingest_source,
    };
    Proven {
        principal,
        standing,
    }
}

/// Forward-auth: a bearer token that holds every one of the scopes. Where no scope is
/// asked for, everybody who is known passes, except connector tokens: what pushes
/// observations is nobody's user elsewhere.
///
/// # Errors
/// [`AppError::Unauthenticated`]; [`AppError::Forbidden`] naming the missing scopes;
/// [`AppError::Invalid`] for a word that is no scope.
pub fn verify_for_scopes(
    ctx: &Context,
    bearer: &str,
    scopes: &[String],
) -> Result<Principal, AppError> {
    let principal = authenticate(ctx, bearer)?;
    let wanted = Grant::parse(scopes).map_err(|e| AppError::invalid("scope", e))?;
    if wanted.is_empty() && principal.kind == Some(TokenKind::Connector) {
        return Err(AppError::Forbidden {
            sentence: "a connector token only pushes observations; use another one, or ask here for a scope that it holds".to_owned(),
            missing: Vec::new(),
        });
    }
    match check_grant(&wanted, &principal.grant) {
        Ok(()) => Ok(principal),
        Err(exceeds) => Err(AppError::Forbidden {
            sentence: format!(
                "this token does not hold {}; use one that does, or ask its owner for it",
                exceeds.words()
            ),
            missing: exceeds.missing,
        }),
    }
}
