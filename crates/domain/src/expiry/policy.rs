//! Which steps, how often repeated.

use serde::{Deserialize, Serialize};

use crate::inventory::Credential;
use crate::kernel::Span;

/// Which steps a credential has and how often the current one is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its key in the configuration.
    pub name: String,
    /// Lead times, widest first, each longer than zero, none twice.
    pub steps: Vec<Span>,
    /// How long between repeats of one step.
    pub backoff: Span,
    /// Steps at or inside this lead time are repeated.
    pub repeat_from: Span,
}

/// All policies of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// What applies where nothing else does.
    pub default: Policy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            steps: [30, 14, 7, 3, 1].into_iter().map(Span::days).collect(),
            backoff: Span::hours(24),
            repeat_from: Span::days(3),
        }
    }
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            default: Policy::default(),
        }
    }
}

impl Policies {
    /// The policy that applies to a credential.
    pub fn for_credential(&self, _credential: &Credential) -> &Policy {
        &self.default
    }
}
