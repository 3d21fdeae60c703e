//! The system's clock and random generator: the only place that reads them.

use app::ports::{Clock, Random};
use domain::kernel::Instant;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one adapter behind the Clock port"
    )]
    fn now(&self) -> Instant {
        Instant::from_jiff(jiff::Timestamp::now())
    }
}

/// The operating system's generator, through aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    /// Fills the slice; a machine without randomness must not issue tokens, so the
    /// process ends instead of going on with predictable bytes (ASVS 11.5.1).
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            tracing::error!(
                "the system gives no random bytes; Forewarn stops rather than issue guessable tokens"
            );
            std::process::abort();
        }
    }
}
