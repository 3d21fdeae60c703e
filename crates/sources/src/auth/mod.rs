//! How Forewarn proves itself to a system that it reads.
//!
//! Every secret is read anew where it is used. None of it reaches an error or a log.

mod bearer;
mod client_credentials;

pub use bearer::{Bearer, authorization};
pub use client_credentials::{ClientCredentials, Grant};
