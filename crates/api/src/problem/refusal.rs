//! From a use case's refusal to a problem: which status, which challenge.

use app::{AppError, AuthError};

use super::{Kind, Problem};
use crate::request::REALM;

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let sentence = error.to_string();
        match error {
            AppError::NotFound { .. } => Self::new(Kind::NotFound, sentence),
            AppError::Forbidden { missing, .. } => forbidden(&missing, sentence),
            // The one header that use cases know.
            AppError::Invalid {
                field: field @ "Idempotency-Key",
                problem,
            } => Self::parameter(field, problem),
            AppError::Invalid { field, problem } => {
                Self::field(&format!("/{}", field.replace('.', "/")), problem)
            }
            AppError::Conflict { .. } => Self::new(Kind::Conflict, sentence),
            AppError::Overtaken(_) => Self::new(Kind::Conflict, sentence).retry_after(1),
            AppError::Stale { .. } => Self::new(Kind::PreconditionFailed, sentence),
            AppError::Unauthenticated(error) => error.into(),
            AppError::BadCursor => Self::bad_request(sentence),
            AppError::Unavailable(why) => unavailable(&why),
            AppError::Corrupt(why) => internal(&why),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let sentence = error.to_string();
        match error {
            AuthError::Missing => Self::new(Kind::Unauthenticated, sentence).challenge(REALM),
            AuthError::Stale => Self::new(Kind::Unavailable, sentence).retry_after(1),
            AuthError::Invalid => invalid_token("the token is not valid", sentence),
            AuthError::Expired => invalid_token("the token expired", sentence),
            AuthError::Revoked => invalid_token("the token was revoked", sentence),
            AuthError::Suspended => invalid_token("the token is suspended", sentence),
        }
    }
}

/// 401 with `invalid_token` (RFC 6750 §3.1).
fn invalid_token(description: &str, sentence: String) -> Problem {
    let challenge =
        format!("{REALM}, error=\"invalid_token\", error_description=\"{description}\"");
    Problem::new(Kind::InvalidToken, sentence)
        .oauth("invalid_token")
        .challenge(&challenge)
}

/// 403; with the challenge of RFC 6750 §3.1 where a scope would help.
pub(super) fn forbidden(missing: &[String], sentence: String) -> Problem {
    if missing.is_empty() {
        return Problem::new(Kind::Forbidden, sentence);
    }
    let scopes = missing.join(" ");
    let challenge = format!("{REALM}, error=\"insufficient_scope\", scope=\"{scopes}\"");
    Problem::new(Kind::InsufficientScope, sentence)
        .oauth("insufficient_scope")
        .challenge(&challenge)
}

/// 503. What the database said is for the log, not for the caller.
fn unavailable(why: &str) -> Problem {
    tracing::warn!(why, "a request could not be served");
    let detail = "the server cannot answer right now and nothing was changed; try again shortly";
    Problem::new(Kind::Unavailable, detail).retry_after(2)
}

fn internal(why: &str) -> Problem {
    tracing::error!(why, "a request failed");
    Problem::new(
        Kind::Internal,
        "a fault of ours; the server's log says more under this request-id",
    )
}

impl Problem {
    /// 429 for a client that presents what is no token again and again.
    pub fn too_many_failures(seconds: u32) -> Self {
        let detail = "this token is not valid here, and too many that are not came from this address; look where it is from before you try again";
        Self::new(Kind::TooManyFailures, detail).retry_after(seconds)
    }

    /// 403 for a scope that the caller lacks.
    pub fn lacks(scope: &str) -> Self {
        forbidden(
            &[scope.to_owned()],
            format!("the scope `{scope}` is needed; ask an admin for a role that holds it"),
        )
    }
}
