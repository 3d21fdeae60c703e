//! The tokens that Forewarn issues: their format, their record, their rotation.
//!
//! A token's end, owner and state stand in its credential
//! ([`crate::inventory::Credential`]) of the same id; here is only what other
//! credentials do not have.

mod format;
mod lifetime;
mod record;
mod rotation;
mod scan;

pub use format::{ParsedToken, TokenFormatError, TokenKind, TokenValue, generate, parse};
pub use lifetime::{DEFAULT_LIFETIME, EndError, IssueEnd, SHORTEST_LIFETIME};
pub use record::Token;
pub use rotation::{DEFAULT_OVERLAP, OldToken, RotateError, RotateRequest, Rotation, rotate};
pub use scan::{Found, scan};
