//! Builds the program and its measurements as they are released, and runs these.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::shell;
use crate::test::postgres::Cluster;
use crate::test::{peers, peers_npm};

/// What is handed on to the measurements.
#[derive(clap::Args)]
pub struct Args {
    /// Few and small: shows whether a bound is missed by more than a fifth
    #[arg(long)]
    short: bool,
    /// Installs what others use for the same, to be measured beside
    #[arg(long)]
    peers: bool,
    /// Keeps the table in docs/performance.md and draws it
    #[arg(long)]
    write: bool,
    /// Names of benches (fold, verify, mixed, rivals, sweep, list, create, import, deliver, pages, large), and options of the program `bench`
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
    let peers = shell::target().join("bench-peers");
    if args.peers {
        install(&peers)?;
    }
    let mut bench = command(args);
    bench.arg("--peers").arg(peers);
    let cluster = Cluster::start(false);
    match &cluster {
        Ok(cluster) => drop(bench.arg("--postgres").arg(cluster.url())),
        Err(reason) => println!("no PostgreSQL: {reason:#}"),
    }
    shell::run(&mut bench)
}

fn command(args: &Args) -> Command {
    let release = shell::target().join("release");
    let mut bench = Command::new(release.join("bench"));
    bench.arg("run").args(&args.rest);
    bench.arg("--forewarn").arg(release.join("forewarn"));
    bench.arg("--dir").arg(shell::target().join("bench"));
    if args.write {
        bench.arg("--write").arg(shell::root().join("docs"));
    }
    if args.short {
        bench.args(["--assert", "--rounds", "3", "--seconds", "1"]);
        bench.args([
            "--lines",
            "300000",
            "--tokens",
            "50000",
            "--observations",
            "50000",
        ]);
    }
    bench
}

fn install(home: &Path) -> Result<()> {
    peers::environment("xtask/peers.bench.txt", &home.join("py"))?;
    // The plugin asks for an older helper than the library it is made for; both work.
    let options = ["--legacy-peer-deps"];
    peers_npm::folder("xtask/peers.bench.npm.txt", &home.join("npm"), &options)
}
