//! The heart seen from outside: what is due, who hears, and when.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

mod actions;
mod audience;
mod bugs;
mod cycles;
mod fell_silent;
mod first;
mod policies;
mod properties;
mod refused;
mod silences;
mod silent;
mod standing;
mod steps;
mod surface;
mod truth;
mod world;
