//! Why a use case did not do it, in variants a door can answer with.
//!
//! Never holds a secret, a request body or a line of SQL.

use domain::access::{Exceeds, Whose};

use crate::ports::StoreError;

/// Why a use case did not do it. One variant per decision a caller can take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// It does not exist, or the caller may not know that it does (404).
    #[error("{what} was not found")]
    NotFound {
        /// "token AbC…", "role `Auditor`".
        what: String,
    },
    /// The caller lacks rights (403 `insufficient_scope`).
    #[error("{sentence}")]
    Forbidden {
        /// The scopes that would be needed; empty when no scope would help.
        missing: Vec<String>,
        /// Names what is missing and the remedy.
        sentence: String,
    },
    /// A field of the request cannot be as it is (422).
    #[error("{field}: {problem}")]
    Invalid {
        /// The field as the request spells it: `expires_at`, `roles`.
        field: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// What stands now forbids it (409).
    #[error("{sentence}")]
    Conflict {
        /// Names what stands in the way and the remedy.
        sentence: String,
    },
    /// The caller named a version (`If-Match`) that no longer stands (412).
    #[error("{what} was changed meanwhile and is now version {now}; read it again")]
    Stale {
        /// What was to be changed.
        what: String,
        /// Its version now.
        now: u64,
    },
    /// Somebody changed it again and again while this was decided (409, worth a retry).
    #[error("{0} is being changed by somebody else; try again")]
    Overtaken(String),
    /// Who asks is not known (401), or cannot be known now (503).
    #[error("{0}")]
    Unauthenticated(#[from] AuthError),
    /// A page cursor that this server did not make (400).
    #[error("this cursor is not one of ours; start again without it")]
    BadCursor,
    /// The store cannot answer now; nothing changed (503).
    #[error("{0}")]
    Unavailable(String),
    /// A stored row cannot be read back (500); the operator must look.
    #[error("{0}")]
    Corrupt(String),
}

/// Why a bearer token does not authenticate. What is wrong with it is told only to the
/// holder who proved the secret; everybody else hears [`AuthError::Invalid`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No token came with the request (401 without `error=`, RFC 6750 §3.1).
    #[error("a bearer token is needed: Authorization: Bearer fwn…")]
    Missing,
    /// Not a token, unknown, or the secret is wrong (401 `invalid_token`). Counts
    /// towards bans.
    #[error("this token is not valid here; check for a lost or changed character")]
    Invalid,
    /// Genuine, but its end has passed (401 `invalid_token`). Never counts towards bans.
    #[error("this token has expired; ask its owner for a new one")]
    Expired,
    /// Genuine, but revoked (401 `invalid_token`). Never counts towards bans.
    #[error("this token was revoked; ask its owner for a new one")]
    Revoked,
    /// Genuine, but its owner is disabled (401 `invalid_token`). Never counts.
    #[error("the owner of this token is disabled; the token revives when the owner does")]
    Suspended,
    /// This node's view of revocations is too old to answer (503).
    #[error("this node cannot see recent revocations and does not answer until it can")]
    Stale,
}

impl AppError {
    /// A field of the request cannot be as it is.
    pub fn invalid(field: &'static str, problem: impl ToString) -> Self {
        let problem = problem.to_string();
        Self::Invalid { field, problem }
    }

    /// It does not exist for this caller.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    /// What stands now forbids it.
    pub fn conflict(sentence: impl ToString) -> Self {
        let sentence = sentence.to_string();
        Self::Conflict { sentence }
    }

    /// More was asked for than a ceiling allows.
    pub(crate) fn exceeds(exceeds: Exceeds, whose: Whose) -> Self {
        Self::Forbidden {
            sentence: exceeds.sentence(whose),
            missing: exceeds.missing,
        }
    }

    /// The caller lacks a right of Forewarn itself.
    pub fn lacks(scope: &str, to_do: &str) -> Self {
        Self::Forbidden {
            missing: vec![scope.to_owned()],
            sentence: format!(
                "the scope `{scope}` is needed {to_do}; ask an admin for a role that holds it"
            ),
        }
    }
}

/// What somebody wrote, as an error may repeat it: short, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(what) => Self::Overtaken(what),
            StoreError::Duplicate(what) => Self::Conflict {
                sentence: format!("{what} exists already"),
            },
            StoreError::Unavailable(_) | StoreError::Full(_) => {
                Self::Unavailable(error.to_string())
            }
            StoreError::Corrupt { .. } => Self::Corrupt(error.to_string()),
            StoreError::BadCursor => Self::BadCursor,
        }
    }
}
