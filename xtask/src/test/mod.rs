//! `cargo xtask test`: everything a change has to pass, on any machine, in one call.
//!
//! What is missing is installed, or named and counted as skipped; nothing that
//! did not run is ever shown as passed. The last line is always
//! `N passed, N failed`, where `, N skipped` may follow.

mod certificate;
mod count;
pub mod install;
pub mod peers;
pub mod peers_npm;
pub mod postgres;
mod report;
mod steps;

use std::process::ExitCode;

use report::Report;
use steps::Surroundings;

/// What to run.
#[derive(clap::Args)]
pub struct Args {
    /// Runs what takes long as well: a million log lines, a hundred kills
    #[arg(long)]
    pub long: bool,
    /// Installs nothing; what needs a missing program is skipped
    #[arg(long)]
    pub no_install: bool,
    /// Runs only the tests whose name holds this
    pub filter: Option<String>,
}

/// Runs the steps in order, prints the table and the closing line.
pub fn run(args: &Args) -> ExitCode {
    let mut report = Report::default();
    let around = Surroundings::prepare(args, &mut report);
    steps::run(args, &around, &mut report);
    drop(around);
    print!("{report}");
    if report.total().failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
