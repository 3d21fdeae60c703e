//! Measures Forewarn against named limits, in one run, contender after contender.
//!
//! Figures are ratios: an absolute one says more about the machine. `cargo xtask bench`
//! builds this program and the one that is measured, and starts it.

mod deliver;
mod dice;
mod fold;
mod load;
mod machine;
mod pages;
mod peer;
mod row;
mod stage;
mod sweep;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Measures and prints the table
    Run(Args),
    /// Sends requests as fast as they are answered, and tells how fast that was
    Load(load::Args),
    /// Answers every request with the same bytes: what the machine can do at best
    Hyper(peer::Args),
}

/// What to measure.
#[derive(Clone, clap::Args)]
pub struct Args {
    /// Which of them: fold, verify, sweep, deliver, pages; all where none is named
    pub names: Vec<String>,
    /// The program that is measured
    #[arg(long)]
    pub forewarn: PathBuf,
    /// Where logs and databases go; what is there already is used again
    #[arg(long)]
    pub dir: PathBuf,
    /// How often each contender runs
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Lines of the audit log
    #[arg(long, default_value_t = 4_000_000)]
    pub lines: u64,
    /// Tokens in the index, and credentials in the inventory
    #[arg(long, default_value_t = 1_000_000)]
    pub tokens: u64,
    /// Credentials behind the pages
    #[arg(long, default_value_t = 100_000)]
    pub credentials: u64,
    /// Seconds of each burst of requests
    #[arg(long, default_value_t = 3)]
    pub seconds: u64,
    /// Fails when a bound is missed by more than 20 %
    #[arg(long)]
    pub assert: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().part {
        Part::Run(args) => run(&args),
        Part::Load(args) => load::run(&args).map(|()| true),
        Part::Hyper(args) => peer::run(&args).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

type Bench = fn(&Args) -> Result<Vec<row::Row>>;

const ALL: [(&str, Bench); 5] = [
    ("fold", fold::measure),
    ("verify", verify::measure),
    ("sweep", sweep::measure),
    ("deliver", deliver::measure),
    ("pages", pages::measure),
];

/// Whether every bound is met, or missed by little where little is allowed.
fn run(args: &Args) -> Result<bool> {
    std::fs::create_dir_all(&args.dir)?;
    let mut rows = Vec::new();
    for (name, bench) in ALL {
        if args.names.is_empty() || args.names.iter().any(|wanted| wanted == name) {
            rows.extend(bench(args)?);
        }
    }
    println!("{}", machine::describe());
    print!("{}", row::table(&rows));
    Ok(!args.assert || rows.iter().all(row::Row::is_nearly_met))
}
