//! The loops: observe, sweep, deliver, prune, flush.
//!
//! Each looks at what is stored and does what is due. No loop calls another; they meet in
//! the store, and a wake-up that is lost costs a delay and nothing else.

pub mod deliver;
