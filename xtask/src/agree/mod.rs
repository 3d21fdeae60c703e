//! Do the generator's model, an independent computation and `forewarn check` agree?
//!
//! Asks the binary as a user would and reads nothing but its answer and its exit code.

mod answer;
mod child;
mod codes;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::loggen::{self, WINDOW, instant};
use crate::shell;
use child::Answer;

/// Where the interpreter with the peers is named.
const PEERS_PYTHON: &str = "FOREWARN_PEERS_PYTHON";
const AT: &str = "2026-11-22T12:00:00Z";
/// What `check` may hold whatever it reads, and for each distinct id.
const MEMORY: u64 = 64 << 20;
const MEMORY_PER_TOKEN: u64 = 200;

/// How much to compare.
#[derive(clap::Args)]
pub struct Args {
    /// Compares a million lines rather than a few thousand, with an optimised build
    #[arg(long)]
    pub long: bool,
    /// How many lines
    #[arg(long)]
    pub lines: Option<u64>,
    /// The seed of the log
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
}

/// Compares the three; an error counts what they disagree about.
///
/// # Errors
/// When they disagree, or one of them gives no answer.
pub fn run(args: &Args) -> Result<()> {
    let dir = shell::target().join("agree");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    let binary = built(args.long)?;
    let wrong = codes::wrong(&binary, &dir.join("codes"))?;
    let lines = args
        .lines
        .unwrap_or(if args.long { 1_000_000 } else { 50_000 });
    let different = compared(args, lines, &binary, &dir)?;
    if wrong + different > 0 {
        bail!("{different} differences and {wrong} wrong exit codes");
    }
    // Kept when something differs, for whoever looks into it.
    Ok(fs::remove_dir_all(&dir)?)
}

/// The program that is asked.
fn built(optimised: bool) -> Result<PathBuf> {
    let mut command = shell::cargo();
    command.args(["build", "--quiet", "--package", "forewarn"]);
    if optimised {
        command.arg("--release");
    }
    shell::run(&mut command)?;
    let profile = if optimised { "release" } else { "debug" };
    Ok(shell::target().join(profile).join("forewarn"))
}

/// How many differences there are between the three, for API tokens and for all types.
fn compared(args: &Args, lines: u64, binary: &Path, dir: &Path) -> Result<usize> {
    let at = instant::read(AT)?;
    let truth = loggen::write(args.seed, lines, at, dir)?;
    let logs = dir.join("logs");
    let mut different = 0;
    for any in [false, true] {
        let model = truth.json(at, WINDOW, any);
        let types: &[&str] = if any { &["--token-type", "any"] } else { &[] };
        different += show(by_peer(&logs, types)?, "peer", &model)?;
        let asked = child::ask(&mut check(binary, &logs, types))?;
        figures(&asked, &logs, truth.tokens.len())?;
        let code = answer::code(&model, at)?;
        ensure!(
            asked.code == Some(code),
            "exit code {:?}, not {code}",
            asked.code
        );
        answer::in_order(&asked.json)?;
        different += show(Some(asked.json), "check", &model)?;
    }
    Ok(different)
}

fn check(binary: &Path, logs: &Path, types: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(["check", "--format", "json", "--all", "--at", AT]);
    command.args(types).arg(logs);
    command
}

/// The independent computation; `None` when there is no interpreter for it.
fn by_peer(logs: &Path, types: &[&str]) -> Result<Option<Value>> {
    let Some(python) = env::var_os(PEERS_PYTHON).filter(|python| !python.is_empty()) else {
        println!("peer: SKIPPED, {PEERS_PYTHON} names no interpreter");
        return Ok(None);
    };
    let mut command = Command::new(python);
    command.arg(shell::root().join("tests/peers/check_reference.py"));
    let text = shell::output(command.args(["--at", AT]).args(types).arg(logs))?;
    serde_json::from_str(&text)
        .map(Some)
        .context("the peer's answer is no JSON")
}

fn show(answer: Option<Value>, who: &str, model: &Value) -> Result<usize> {
    let Some(answer) = answer else { return Ok(0) };
    let differences = answer::differences(&answer, model, who)?;
    differences
        .iter()
        .take(10)
        .for_each(|difference| println!("{difference}"));
    let counts = model.get("counts").unwrap_or(&Value::Null);
    println!(
        "{who}: {} differences from the model; {counts}",
        differences.len()
    );
    Ok(differences.len())
}

/// Time and memory; memory is promised.
fn figures(asked: &Answer, logs: &Path, tokens: usize) -> Result<()> {
    let mut bytes = 0;
    for file in fs::read_dir(logs)? {
        bytes += file?.metadata()?.len();
    }
    let seconds = asked.took.as_secs_f64();
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!("check: {:.0} MiB of files in {seconds:.1} s", mib(bytes));
    let Some(peak) = asked.peak else {
        return Ok(());
    };
    let allowed = MEMORY + MEMORY_PER_TOKEN * tokens as u64;
    println!(
        "check: {:.1} MiB at most, {:.1} MiB allowed",
        mib(peak),
        mib(allowed)
    );
    ensure!(peak <= allowed, "check took more memory than it may");
    Ok(())
}
