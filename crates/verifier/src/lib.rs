#![doc = include_str!("../README.md")]

mod counting;
mod index;
mod keys;
mod outcome;
mod profile;
mod usage;
mod verifier;

pub use keys::{KeyError, Keys, Mac};
pub use outcome::{Entry, Outcome};
pub use usage::{FirstUse, Use};
pub use verifier::Verifier;
