//! Who asks, and what they may do at this moment.

use std::sync::Arc;

use domain::access::Grant;
use domain::kernel::{CredentialId, Instant, SourceId};
use domain::people::Owner;
use domain::token::TokenKind;

use crate::AppError;

/// Who asks. Made by the verifier from a bearer token, or by the web from a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The token that authenticated; `None` for a session or the system itself.
    pub token: Option<CredentialId>,
    /// Its kind.
    pub kind: Option<TokenKind>,
    /// In whose name.
    pub owner: Owner,
    /// What may be done: the token's grant ∩ its owner's present grant.
    pub grant: Arc<Grant>,
    /// When the token ends; `None` if it has no end.
    pub expires_at: Option<Instant>,
    /// For a connector token: the only source it may push to.
    pub ingest_source: Option<SourceId>,
}

impl Principal {
    /// Whether the caller holds this scope.
    pub fn holds(&self, scope: &str) -> bool {
        self.grant.holds(scope)
    }

    /// Goes on only with this scope; `to_do` completes "is needed …": "to issue tokens".
    ///
    /// # Errors
    /// [`AppError::Forbidden`] naming the scope.
    pub fn need(&self, scope: &str, to_do: &str) -> Result<(), AppError> {
        if self.holds(scope) {
            Ok(())
        } else {
            Err(AppError::lacks(scope, to_do))
        }
    }

    /// As the audit log spells actors.
    pub fn actor(&self) -> String {
        match &self.token {
            Some(token) => format!("token:{token} {}", self.owner),
            None => self.owner.to_string(),
        }
    }
}
