//! The pages as a browser sees them, over a real store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod act;
mod alerts;
mod away;
mod banner;
mod bulk;
mod credentials;
mod hostile;
mod house;
mod life;
mod matrix;
mod mine;
mod monitors;
mod overview;
mod people;
mod policies;
mod problem;
mod reviews;
mod sessions;
mod setup;
mod sign_in;
mod tokens;
mod upkeep;
