//! Systems that need no code: a document says how to ask and what is what.
//!
//! The language is `docs/presets.md`. A document is read and checked once ([`load`]),
//! and then walked as often as its source is read ([`walk`]). Nothing here decides what
//! is believed, and nothing but mapped fields leaves the room.

mod body;
mod check;
mod condition;
mod document;
mod expression;
mod files;
mod instant;
mod like;
mod load;
mod lookup;
mod map;
mod open;
mod own;
mod page;
mod pointer;
mod preview;
mod probe;
mod raw;
mod request;
mod session;
mod settings;
mod signer;
mod source;
mod step;
mod template;
mod turning;
mod walk;

pub(crate) use instant::{Told, lenient};
pub use load::PresetError;
pub(crate) use open::{of_operator, shipped};

#[cfg(test)]
mod tests;
