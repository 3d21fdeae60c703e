//! The tokens that Forewarn issues: their format, their record, their rotation.
//!
//! A token's end, owner and state stand in its credential
//! ([`crate::inventory::Credential`]) of the same id; here is only what other
//! credentials do not have.

mod format;
mod record;

pub use format::{ParsedToken, TokenFormatError, TokenKind, TokenValue, generate, parse};
pub use record::Token;
