//! Builds the program and its measurements as they are released, and runs these.

use std::process::Command;

use anyhow::Result;

use crate::shell;

/// What is handed on to the measurements.
#[derive(clap::Args)]
pub struct Args {
    /// Few and small: shows whether a bound is missed by more than a fifth
    #[arg(long)]
    short: bool,
    /// Names of benches (fold, verify, sweep, deliver, pages), and options of the program `bench`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Measures and prints the table.
///
/// # Errors
/// When something cannot be built or run, or with `--short` a bound is missed by far.
pub fn run(args: &Args) -> Result<()> {
    let mut build = shell::cargo();
    build.args([
        "build",
        "--quiet",
        "--release",
        "-p",
        "forewarn",
        "-p",
        "bench",
    ]);
    shell::run(&mut build)?;
    let release = shell::target().join("release");
    let mut bench = Command::new(release.join("bench"));
    bench.arg("run").args(&args.rest);
    bench.arg("--forewarn").arg(release.join("forewarn"));
    bench.arg("--dir").arg(shell::target().join("bench"));
    if args.short {
        bench.args(["--assert", "--rounds", "3", "--seconds", "1"]);
        bench.args(["--lines", "300000", "--tokens", "50000"]);
    }
    shell::run(&mut bench)
}
