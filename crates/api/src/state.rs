//! What every handler is given.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use app::Context;

use crate::asked::Asked;
use crate::failures::Failures;
use crate::fence::{Hardening, RequestIds};
use crate::forwarded::TrustedProxies;

/// What every handler is given.
#[derive(Clone)]
pub struct Api {
    /// The use cases' context.
    pub ctx: Arc<Context>,
    /// How this server answers.
    pub options: Arc<Options>,
    /// Who presented tokens that are none.
    pub(crate) failures: Arc<Failures>,
    /// How often was asked whether a token is good.
    pub(crate) asked: Arc<Asked>,
    /// Names for requests.
    pub(crate) ids: Arc<RequestIds>,
    /// What stands on each reply.
    pub(crate) hardening: Arc<Hardening>,
}

impl Api {
    pub(crate) fn new(ctx: Arc<Context>, options: Options) -> Self {
        let clock = Arc::clone(&ctx.clock);
        Self {
            failures: Arc::new(Failures::new(clock, options.failures_a_minute)),
            asked: Arc::default(),
            ids: Arc::new(RequestIds::new(&*ctx.random)),
            hardening: Arc::default(),
            ctx,
            options: Arc::new(options),
        }
    }
}

/// Enough for a job that starts with an old token on every machine of a small network.
const FAILURES_A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// How this server answers; from the configuration.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// How long a request may take before the caller hears 503.
    pub patience: Duration,
    /// The most bytes of one push of observations; it is merged as it comes.
    pub push_bytes_max: usize,
    /// How often in a minute one client address may present a token that is none before
    /// it hears 429.
    pub failures_a_minute: NonZeroU32,
    /// Who is believed about where a request comes from.
    pub trusted_proxies: TrustedProxies,
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
            push_bytes_max: 1024 * 1024 * 1024,
            failures_a_minute: FAILURES_A_MINUTE,
            trusted_proxies: TrustedProxies::default(),
        }
    }
}
