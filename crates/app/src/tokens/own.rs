//! The proof of a token together with how it stands: enough to know whether what was
//! shown of it before may be shown again.

use std::sync::Arc;

use domain::access::Grant;

use crate::Principal;

/// How a token stood when it was proven. As long as it is the same nothing that is shown
/// of the token has changed, except what follows from the time.
#[derive(Clone, Debug)]
pub struct Standing {
    version: u64,
    grant: Arc<Grant>,
}

/// A caller, and how the token stands.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Who asks.
    pub principal: Principal,
    /// How the token stands.
    pub standing: Standing,
}

impl Standing {
    pub(crate) const fn new(version: u64, grant: Arc<Grant>) -> Self {
        Self { version, grant }
    }

    /// Whether nothing has changed. A grant that was computed anew counts as changed.
    pub fn is_still(&self, other: &Self) -> bool {
        self.version == other.version && Arc::ptr_eq(&self.grant, &other.grant)
    }
}
