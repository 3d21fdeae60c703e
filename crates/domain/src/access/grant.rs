//! A set of scopes, or all of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Scope, ScopeError};

/// What somebody may do: a set of scopes, or every scope there is (`*`), the
/// organisation's own included. Written as a list of words.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Grant {
    all: bool,
    scopes: BTreeSet<Scope>,
}

impl Grant {
    /// Nothing at all.
    pub const NONE: Self = Self {
        all: false,
        scopes: BTreeSet::new(),
    };
    /// Every scope, written `*`.
    pub const ALL: Self = Self {
        all: true,
        scopes: BTreeSet::new(),
    };

    /// Reads a list of words; `*` means all.
    ///
    /// # Errors
    /// A word that is not a scope.
    pub fn parse<S: AsRef<str>>(words: &[S]) -> Result<Self, ScopeError> {
        let mut grant = Self::NONE;
        for word in words {
            match word.as_ref() {
                "*" => grant.all = true,
                word => drop(grant.scopes.insert(Scope::parse(word)?)),
            }
        }
        // `*` holds every word beside it, so that equal grants are equal values.
        Ok(if grant.all { Self::ALL } else { grant })
    }

    /// Whether this grant holds every scope.
    pub const fn is_all(&self) -> bool {
        self.all
    }

    /// Whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        !self.all && self.scopes.is_empty()
    }

    /// Whether the word is granted.
    pub fn holds(&self, word: &str) -> bool {
        self.all || self.scopes.iter().any(|s| s.as_str() == word)
    }

    /// Everything that either grants.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.all || other.all {
            return Self::ALL;
        }
        Self {
            all: false,
            scopes: self.scopes.union(&other.scopes).cloned().collect(),
        }
    }

    /// Only what both grant.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        match (self.all, other.all) {
            (true, _) => other.clone(),
            (_, true) => self.clone(),
            _ => Self {
                all: false,
                scopes: self.scopes.intersection(&other.scopes).cloned().collect(),
            },
        }
    }

    /// The words of this grant that `ceiling` does not hold, in order; `*` is missing
    /// from everything but `*`. Empty means: may be granted.
    pub fn missing_from(&self, ceiling: &Self) -> Vec<String> {
        if ceiling.all {
            return Vec::new();
        }
        let all = self.all.then(|| "*".to_owned());
        let rest = self
            .scopes
            .difference(&ceiling.scopes)
            .map(ToString::to_string);
        all.into_iter().chain(rest).collect()
    }

    /// The words, `*` first, then in order.
    pub fn words(&self) -> Vec<String> {
        let all = self.all.then(|| "*".to_owned());
        all.into_iter()
            .chain(self.scopes.iter().map(ToString::to_string))
            .collect()
    }
}

impl TryFrom<Vec<String>> for Grant {
    type Error = ScopeError;
    fn try_from(words: Vec<String>) -> Result<Self, ScopeError> {
        Self::parse(&words)
    }
}

impl From<Grant> for Vec<String> {
    fn from(grant: Grant) -> Self {
        grant.words()
    }
}
