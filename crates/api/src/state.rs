//! What every handler is given.

use std::sync::Arc;
use std::time::Duration;

use app::Context;

/// What every handler is given.
#[derive(Clone)]
pub struct Api {
    /// The use cases' context.
    pub ctx: Arc<Context>,
    /// How this server answers.
    pub options: Arc<Options>,
}

/// How this server answers; from the configuration.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// How long a request may take before the caller hears 503.
    pub patience: Duration,
    /// The most bytes of one push of observations, which is held in memory.
    pub push_bytes_max: usize,
}

/// Who may read `/metrics`. They name credentials and say when they end, so that the
/// default is not "everybody"; nor "loopback", for behind a proxy everybody is that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsAccess {
    /// A token with `metrics:read`.
    #[default]
    Scope,
    /// Everybody who can reach the address.
    Open,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            metrics: MetricsAccess::default(),
            patience: Duration::from_secs(30),
            push_bytes_max: 64 * 1024 * 1024,
        }
    }
}
