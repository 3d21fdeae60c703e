//! How requests are read: bearer tokens, JSON, forms, parameters, cursors.
//!
//! Strict on purpose: what is not understood is refused by name, so that a spelling
//! mistake is found by its author and not by the person it would have hurt.

mod bearer;
mod body;
mod cursor;
mod form;
mod idempotency;
mod json;
mod params;
mod path;

pub use bearer::{REALM, presented};
pub use body::{limited, read_limited, require_type};
pub use cursor::{Cursors, page_of};
pub use form::Form;
pub use idempotency::IdempotencyKey;
pub use json::{BYTES_MAX, Json, JsonOrNothing, read_value, stated};
pub use params::{Kind as ParamKind, Param, Params};
pub use path::Named;
