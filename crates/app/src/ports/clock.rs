//! Time and randomness, the two things the rules may not fetch for themselves.

use domain::kernel::{Entropy, Instant};

/// Tells the time. The binary's reads the system; tests move theirs by hand.
pub trait Clock: Send + Sync {
    /// The present instant. May go backwards when somebody sets the machine's clock.
    fn now(&self) -> Instant;
}

/// Makes random bytes from the operating system's generator.
pub trait Random: Send + Sync {
    /// Fills the slice.
    fn fill(&self, bytes: &mut [u8]);
}

impl Entropy for &dyn Random {
    fn fill(&mut self, bytes: &mut [u8]) {
        Random::fill(*self, bytes);
    }
}
