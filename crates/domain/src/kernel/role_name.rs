//! The name of a role, which is also its id.

use std::fmt;

use serde::{Deserialize, Serialize};

/// 1 to 64 printable ASCII characters, blanks only inside; compared exactly, never
/// folded: several systems have handed out rights by folding the case of names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleName(String);

/// Why a text cannot name a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a role: 1 to 64 printable ASCII characters, no blank at either end")]
pub struct RoleNameError(pub String);

impl RoleName {
    /// Checks a text.
    ///
    /// # Errors
    /// Empty, over 64 bytes, not printable ASCII, or with a blank at either end.
    pub fn parse(text: impl Into<String>) -> Result<Self, RoleNameError> {
        let text = text.into();
        let printable = text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if text.is_empty() || text.len() > 64 || text.trim() != text || !printable {
            return Err(RoleNameError(text.chars().take(64).collect()));
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RoleName {
    type Error = RoleNameError;
    fn try_from(text: String) -> Result<Self, RoleNameError> {
        Self::parse(text)
    }
}

impl From<RoleName> for String {
    fn from(name: RoleName) -> Self {
        name.0
    }
}
