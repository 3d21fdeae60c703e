//! Claims about the use cases, on a real embedded store.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

mod alerts;
mod audit;
mod ceiling;
mod feed;
mod idempotency;
mod introspect;
mod issue;
mod limits;
mod links;
mod people;
mod revoke;
mod roles;
mod rotate;
mod sessions;
mod setup;
mod sight;
mod world;
