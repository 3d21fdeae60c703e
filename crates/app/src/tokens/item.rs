//! A token as it is shown: its credential and what only tokens have.

use domain::inventory::Credential;
use domain::kernel::CredentialId;
use domain::token::{Token, TokenValue};

/// A token as it is shown. Effective scopes, end, owner, team, labels and use stand in
/// the credential; kind, roles and rotation in the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenItem {
    /// What every credential has.
    pub credential: Credential,
    /// What only tokens have.
    pub token: Token,
}

/// What a create or a rotation answers.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The new token.
    pub item: TokenItem,
    /// Its value, this once; `None` when the answer repeats an earlier one
    /// (`Idempotency-Key`).
    pub value: Option<TokenValue>,
}

/// Which token a call is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that authenticates.
    Own,
    /// The one of this id; a malformed id is [`crate::AppError::NotFound`].
    Id(String),
}

impl Which {
    /// By id.
    pub fn id(id: &CredentialId) -> Self {
        Self::Id(id.to_string())
    }
}
