//! What tests share: a clock that is moved by hand, predictable randomness, the real
//! binary on a free port and a client that talks to it.

mod channel;
mod clock;
pub mod http;
pub mod outside;
pub mod server;

pub use channel::{Answer, Heard, RecordingChannel};
pub use clock::{FakeClock, SeededRandom};
