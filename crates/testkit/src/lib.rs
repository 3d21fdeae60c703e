//! What tests share: a clock that is moved by hand, predictable randomness.

mod clock;

pub use clock::{FakeClock, SeededRandom};
