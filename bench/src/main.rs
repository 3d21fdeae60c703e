//! Measures Forewarn against named limits, in one run, contender after contender.
//!
//! Figures are ratios: an absolute one says more about the machine. `cargo xtask bench`
//! builds this program and the one that is measured, and starts it.

mod churn;
mod clone;
mod create;
mod deliver;
mod dice;
mod fold;
mod import;
mod inventory;
mod large;
mod lists;
mod load;
mod machine;
mod page;
mod pages;
mod peer;
mod plot;
mod raw;
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
    /// Creates tokens and revokes them at a steady pace
    Churn(churn::Args),
    /// Writes the rows of a create with bare SQLite
    Raw(raw::Args),
}

/// What to measure.
#[derive(Clone, clap::Args)]
pub struct Args {
    /// Which of them: fold, verify, mixed, rivals, sweep, list, create, import, deliver, pages, large; all but large where none is named
    pub names: Vec<String>,
    /// The program that is measured
    #[arg(long)]
    pub forewarn: PathBuf,
    /// Where logs and databases go; what is there already is used again
    #[arg(long)]
    pub dir: PathBuf,
    /// Where peers are installed, if they are
    #[arg(long)]
    pub peers: Option<PathBuf>,
    /// A PostgreSQL that may be filled, as postgres://…
    #[arg(long)]
    pub postgres: Option<String>,
    /// How often each contender runs
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Lines of the audit log
    #[arg(long, default_value_t = 4_000_000)]
    pub lines: u64,
    /// Tokens in the index, and credentials in the inventory
    #[arg(long, default_value_t = 1_000_000)]
    pub tokens: u64,
    /// Tokens of the long bench `large`
    #[arg(long, default_value_t = 10_000_000)]
    pub large: u64,
    /// Measures in the PostgreSQL that was lent alone
    #[arg(long, requires = "postgres")]
    pub postgres_only: bool,
    /// Of `large` only makes what a later run measures
    #[arg(long)]
    pub make_only: bool,
    /// Observations that are imported
    #[arg(long, default_value_t = 1_000_000)]
    pub observations: u64,
    /// Credentials behind the pages
    #[arg(long, default_value_t = 100_000)]
    pub credentials: u64,
    /// Seconds of each burst of requests
    #[arg(long, default_value_t = 3)]
    pub seconds: u64,
    /// Keeps the table in this folder's performance.md and draws it
    #[arg(long)]
    pub write: Option<PathBuf>,
    /// Fails when a bound is missed by more than 20 %
    #[arg(long)]
    pub assert: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().part {
        Part::Run(args) => run(&args),
        Part::Load(args) => load::run(&args).map(|()| true),
        Part::Hyper(args) => peer::run(&args).map(|()| true),
        Part::Churn(args) => churn::run(&args).map(|()| true),
        Part::Raw(args) => raw::run(&args).map(|()| true),
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

/// Takes too long to run with the others.
const LONG: &str = "large";

const ALL: [(&str, Bench); 11] = [
    ("fold", fold::measure),
    ("verify", verify::measure),
    ("mixed", verify::mixed::measure),
    ("rivals", verify::rivals::measure),
    ("sweep", sweep::measure),
    ("list", lists::measure),
    ("create", create::measure),
    ("import", import::measure),
    ("deliver", deliver::measure),
    ("pages", pages::measure),
    (LONG, large::measure),
];

/// Whether every bound is met, or missed by little where little is allowed.
fn run(args: &Args) -> Result<bool> {
    std::fs::create_dir_all(&args.dir)?;
    for wanted in &args.names {
        let is_known = ALL.iter().any(|(name, _)| name == wanted);
        anyhow::ensure!(is_known, "there is no bench {wanted}");
    }
    let (mut rows, mut all_ran) = (Vec::new(), true);
    for (name, bench) in ALL {
        let is_wanted = match args.names.is_empty() {
            true => name != LONG,
            false => args.names.iter().any(|wanted| wanted == name),
        };
        if !is_wanted {
            continue;
        }
        println!("── {name}");
        // One that fails takes no figures of others with it.
        let done = std::panic::catch_unwind(|| bench(args));
        match done {
            Ok(Ok(more)) => rows.extend(more),
            Ok(Err(error)) => {
                println!("{name} failed: {error:#}");
                all_ran = false;
            }
            Err(_) => all_ran = false,
        }
    }
    let table = row::table(&rows);
    println!("{}", machine::describe());
    print!("{table}");
    if let Some(docs) = &args.write {
        page::write(docs, &table)?;
    }
    Ok(all_ran && (!args.assert || rows.iter().all(row::Row::is_nearly_met)))
}
