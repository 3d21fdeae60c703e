//! How Forewarn proves itself to a system that it reads.
//!
//! Every secret is read anew where it is used. None of it reaches an error or a log.

mod client_credentials;

pub use client_credentials::{ClientCredentials, Grant};
