//! What tests share: a clock that is moved by hand, predictable randomness, a store that
//! fails when it is told to, the real binary on a free port and a client that talks to it.

mod channel;
mod clock;
mod faulty;
pub mod http;
pub mod outside;
pub mod server;

pub use channel::{Answer, Heard, RecordingChannel};
pub use clock::{FakeClock, SeededRandom};
pub use faulty::FaultyStore;
