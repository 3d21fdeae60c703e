//! Who asks, and what they may do at this moment.

use domain::access::Grant;
use domain::kernel::{CredentialId, Instant, SourceId};
use domain::people::Owner;
use domain::token::TokenKind;

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
    pub grant: Grant,
    /// When the token ends; `None` if it has no end.
    pub expires_at: Option<Instant>,
    /// For a connector token: the only source it may push to.
    pub ingest_source: Option<SourceId>,
}

impl Principal {
    /// As the audit log spells actors.
    pub fn actor(&self) -> String {
        match &self.token {
            Some(token) => format!("token:{token} {}", self.owner),
            None => self.owner.to_string(),
        }
    }
}
