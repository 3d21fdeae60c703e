#![doc = include_str!("../README.md")]

pub mod alerts;
pub mod audit;
mod auth;
pub mod channels;
mod context;
pub mod credentials;
pub mod deliver;
mod digest;
mod error;
pub mod feed;
pub mod figures;
pub mod findings;
pub mod health;
mod idempotency;
mod labels;
pub mod memory;
pub mod monitors;
pub mod overview;
pub mod people;
pub mod policies;
pub mod ports;
mod principal;
mod readings;
pub mod reconcile;
pub mod roles;
pub mod sessions;
pub mod setup;
mod sight;
mod signals;
pub mod silences;
pub mod sources;
pub mod subscriptions;
pub mod sweep;
pub mod tokens;
mod unit;
pub mod ways_out;
mod whois;

pub use auth::{authenticate, authenticate_session, prove, verify_for_scopes};
pub use context::{Audience, Context, Settings, SignIn};
pub use error::{AppError, AuthError};
pub use idempotency::IdempotencyKey;
pub use principal::Principal;
pub use readings::{Readings, Underway};
pub use signals::{Degradation, NoticeOutcome, Signals};
// A context cannot be made without them.
pub use verifier::{Keys, Verifier};
