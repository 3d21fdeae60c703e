//! The API as callers see it, in process, over a real store. Files mirror URLs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod auth_verify;
mod ceiling;
mod failures;
mod front;
mod house;
mod live;
mod matrix;
mod oauth2;
mod requests;
mod scim;
mod v1;
