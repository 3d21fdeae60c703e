//! The accountable one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::{PersonId, ServiceAccountId};

/// The accountable person or service account. Written as its id, whose prefix says
/// which of the two it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Owner {
    /// A person, `per_…`.
    Person(PersonId),
    /// A service account, `sva_…`.
    ServiceAccount(ServiceAccountId),
}

/// Why a text does not name an owner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the id of a person (per_…) or a service account (sva_…)")]
pub struct OwnerError(pub String);

impl Owner {
    /// Reads an id.
    ///
    /// # Errors
    /// Any other prefix.
    pub fn parse(text: &str) -> Result<Self, OwnerError> {
        let error = || OwnerError(text.chars().take(64).collect());
        match text.split_once('_').map(|(prefix, _)| prefix) {
            Some(PersonId::PREFIX) => PersonId::parse(text).map(Self::Person).map_err(|_| error()),
            Some(ServiceAccountId::PREFIX) => ServiceAccountId::parse(text)
                .map(Self::ServiceAccount)
                .map_err(|_| error()),
            _ => Err(error()),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Person(id) => id.as_str(),
            Self::ServiceAccount(id) => id.as_str(),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Owner {
    type Error = OwnerError;
    fn try_from(text: String) -> Result<Self, OwnerError> {
        Self::parse(&text)
    }
}

impl From<Owner> for String {
    fn from(owner: Owner) -> Self {
        owner.as_str().to_owned()
    }
}
