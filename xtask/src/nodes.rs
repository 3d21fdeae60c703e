//! Three nodes on PostgreSQL behind nginx, while nodes die and the database moves.
//!
//! The same that `cargo xtask test` runs among the rest, alone and as long as one likes.

use anyhow::Result;

use crate::shell;

/// How long it goes on.
#[derive(clap::Args)]
pub struct Args {
    /// A minute between two disturbances instead of twelve seconds
    #[arg(long)]
    long: bool,
}

/// Runs it and shows what was answered.
///
/// # Errors
/// When a promise is broken, or something it needs is missing.
pub fn run(args: &Args) -> Result<()> {
    let mut test = shell::cargo_within(30);
    test.args(["test", "--quiet", "--package", "forewarn", "--test", "it"]);
    test.args(["--", "nodes::", "--nocapture"]);
    if args.long {
        test.env("FOREWARN_TEST_LONG", "1");
    }
    shell::run(&mut test)
}
