//! Forewarn as its users see it: the built program, and nothing of its inside.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod check;
