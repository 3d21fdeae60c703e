//! The chores of the project, so that two commands are enough on a fresh machine:
//! `cargo run` to see it, `cargo xtask test` to check it.
//!
//! A chore only calls what a person could call by hand. It must never be needed
//! to build or to run Forewarn.

mod agree;
mod bench;
mod loggen;
mod nodes;
mod rows;
mod screenshots;
mod shell;
mod simulate;
mod systems;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the Forewarn project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Installs what is missing, then runs every check and prints one summary
    Test(test::Args),
    /// Compares the tree with the rules of ARCHITECTURE.md
    Tidy,
    /// Writes docs/bad-inputs.md and docs/scenarios.md: which test covers which row
    Rows(rows::Args),
    /// Writes docs/systems.md: which systems can be watched, and what each tells
    Systems,
    /// Lives a year of an organisation and writes docs/proof.md; takes long
    Simulate,
    /// Writes a picture of every page, in light and dark, wide and narrow
    Screenshots(screenshots::Args),
    /// Runs a command beside a throw-away PostgreSQL
    Postgres(test::postgres::Args),
    /// Runs three nodes on PostgreSQL while nodes die and the database moves
    Nodes(nodes::Args),
    /// Measures against named limits and prints the table
    Bench(bench::Args),
    /// Writes a seeded audit log together with the truth about it
    Loggen(loggen::Args),
    /// Lets the model, an independent computation and `forewarn check` agree
    Agree(agree::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().chore {
        Chore::Test(args) => return test::run(&args),
        Chore::Tidy => tidy::run(),
        Chore::Rows(args) => rows::run(&args),
        Chore::Systems => systems::run(),
        Chore::Simulate => simulate::run(),
        Chore::Screenshots(args) => screenshots::run(&args),
        Chore::Postgres(args) => test::postgres::run(&args),
        Chore::Nodes(args) => nodes::run(&args),
        Chore::Bench(args) => bench::run(&args),
        Chore::Loggen(args) => loggen::run(&args),
        Chore::Agree(args) => agree::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
