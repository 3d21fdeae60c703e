//! The promise over a year, and over crowds: an organisation lives in simulated time, and
//! an oracle that reads nothing but what receivers got says who heard of what, when.
//!
//! Small by default, larger with `FOREWARN_TEST_LONG`; `cargo xtask simulate` makes it as
//! large as it gets and writes `docs/proof.md`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "what was measured is the point")]

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
