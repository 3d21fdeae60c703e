//! The promise over a year, and over crowds: an organisation lives in simulated time, and
//! an oracle that reads nothing but what receivers got says who heard of what, when.
//!
//! Small by default; `FOREWARN_TEST_LONG` makes it the size that `docs/proof.md` shows, and
//! `cargo xtask simulate` writes that page.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "what was measured is the point")]

mod crowds;
mod life;
mod oracle;
mod outage;
mod receiver;
mod rules;
mod town;
#[path = "../world/mod.rs"]
mod world;
mod year;
