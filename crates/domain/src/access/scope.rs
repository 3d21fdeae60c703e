//! One permission, as a word.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A scope-token of RFC 6749 §3.3: 1 to 128 characters of `%x21`, `%x23-5B`,
/// `%x5D-7E`. Compared exactly. `*` alone is not a scope but every scope, see
/// [`super::Grant`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

/// Why a text is not a scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope: 1 to 128 visible ASCII characters without \" and \\ are needed")]
pub struct ScopeError(pub String);

/// The scopes that open Forewarn itself; every other scope is the organisation's own.
pub const OWN_SCOPES: [&str; 20] = [
    "tokens:read",
    "tokens:issue",
    "tokens:issue-for-others",
    "tokens:revoke",
    "roles:read",
    "roles:write",
    "people:read",
    "people:write",
    "credentials:read",
    "credentials:write",
    "alerts:read",
    "alerts:write",
    "sources:read",
    "sources:write",
    "observations:write",
    "introspect",
    "audit:read",
    "channels:read",
    "channels:write",
    "metrics:read",
];

impl Scope {
    /// Checks a text.
    ///
    /// # Errors
    /// Empty, too long, a character that RFC 6749 does not allow, or `*` alone.
    pub fn parse(text: impl Into<String>) -> Result<Self, ScopeError> {
        let text = text.into();
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if text.is_empty() || text.len() > 128 || text == "*" || !text.bytes().all(allowed) {
            return Err(ScopeError(text.chars().take(64).collect()));
        }
        Ok(Self(text))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the scope opens Forewarn itself.
    pub fn opens_forewarn(&self) -> bool {
        OWN_SCOPES.contains(&self.0.as_str())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;
    fn try_from(text: String) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}
