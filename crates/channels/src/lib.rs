//! The ways out to people and programs: one file per way, rendering beside them.
//!
//! A channel hands over one message and says what became of it. It never decides
//! whether to try again, never resolves a recipient, never reads a clock.

mod outcome;
pub mod smtp;

pub use outcome::Outcome;
