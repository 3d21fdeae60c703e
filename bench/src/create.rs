//! How many tokens can be created in a second, each of them durable before its answer?
//!
//! Judged by the clock: what is waited for is the disk. Beside it bare SQLite writes the
//! same rows of the same schema.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use testkit::server::{Launch, Server};

use crate::Args;
use crate::machine::{self, Watch};
use crate::raw::Outcome;
use crate::row::{Bound, Row, median};
use crate::stage::{self, Founded};
use crate::verify::contender::Contender;
use crate::verify::requests::write;

/// Slows every sync of a process by a millisecond.
const SLOW: &str = include_str!("../peers/slowsync.c");
/// Different requests; they begin again behind the last.
const REQUESTS: usize = 20_000;

/// Two servers, one on the disk as it is and one on a slow one, and what bare SQLite wrote.
struct Field {
    founded: Founded,
    /// A store that was only set up.
    bare: PathBuf,
    requests: PathBuf,
}

/// The rows of durable creates.
///
/// # Errors
/// When a server does not start, or an answer is wrong.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let slow = shim(args);
    let quick = pair(args, "create", None, 64)?;
    let mut rows = vec![quick.row(
        "durable creates, 64 callers",
        "raw SQLite, 64 in a commit",
        (0.5, 0.8),
    )];
    match slow {
        Some(slow) => rows.push(pair(args, "create-slow", Some(&slow), 1)?.row(
            "durable creates, 64 callers, sync 1 ms slower",
            "raw SQLite, one in a commit",
            (15.0, 22.0),
        )),
        None => println!("creates with a slow sync are skipped: gcc is not installed"),
    }
    Ok(rows)
}

/// The library that slows syncs down; `None` where no compiler is there.
fn shim(args: &Args) -> Option<PathBuf> {
    let (source, library) = (args.dir.join("slowsync.c"), args.dir.join("slowsync.so"));
    fs::write(&source, SLOW).ok()?;
    let mut gcc = Command::new("gcc");
    gcc.args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl");
    let made = gcc.status().is_ok_and(|status| status.success());
    made.then_some(library)
}

/// What both reached in each round, in a second.
struct Pair {
    ours: Vec<f64>,
    theirs: Vec<f64>,
    others: Vec<f64>,
}

fn pair(args: &Args, name: &str, slow: Option<&Path>, batch: u32) -> Result<Pair> {
    let field = field(args, name)?;
    let data = args.dir.join(name);
    let mut launch = Launch::new(stage::pinned(args, &data)?, &data);
    if let Some(slow) = slow {
        launch = launch.env("LD_PRELOAD", slow);
    }
    let server = launch.start();
    let mut contender = caller(&server, &field);
    let (mut ours, mut theirs, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.rounds {
        let watch = Watch::start(&[server.id()]);
        contender.burst(args)?;
        theirs.push(raw(args, &field, slow, batch)?);
        others.push(watch.others());
    }
    ours.extend(contender.bursts.iter().map(|burst| burst.wall));
    ensure!(server.stop().success(), "the server did not stop well");
    Ok(Pair {
        ours,
        theirs,
        others,
    })
}

fn field(args: &Args, name: &str) -> Result<Field> {
    let data = args.dir.join(name);
    fs::remove_dir_all(&data).ok();
    fs::remove_file(data.with_extension("token")).ok();
    let founded = stage::found(args, &data, None)?;
    let bare = args.dir.join(format!("{name}-bare.db"));
    for ending in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{ending}", bare.display())).ok();
    }
    // What stands in its log comes along.
    let kept = rusqlite::Connection::open(data.join("forewarn.db"))?;
    kept.execute("VACUUM INTO ?1", [bare.to_string_lossy()])?;
    drop(kept);
    let token = fs::read_to_string(data.with_extension("token"))?;
    let all: Vec<String> = (0..REQUESTS).map(|n| create(token.trim(), n)).collect();
    let requests = args.dir.join(format!("{name}.requests"));
    write(&requests, &all)?;
    Ok(Field {
        founded,
        bare,
        requests,
    })
}

fn create(token: &str, number: usize) -> String {
    let body = json!({"name": format!("nightly-{number}"), "roles": ["bench"]}).to_string();
    format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn caller(server: &Server, field: &Field) -> Contender {
    let requests = field.requests.clone();
    let mut contender = Contender::new("creates", server.id(), server.address(), requests);
    contender.status = 201;
    contender
}

/// What bare SQLite writes in a second on the first processor.
fn raw(args: &Args, field: &Field, slow: Option<&Path>, batch: u32) -> Result<f64> {
    let mut command = machine::pinned(0, &std::env::current_exe()?);
    command.arg("raw").arg("--file").arg(&field.bare);
    command.args(["--sample", field.founded.sample.as_str()]);
    command.args(["--batch", &batch.to_string()]);
    command.args(["--seconds", &args.seconds.to_string()]);
    if let Some(slow) = slow {
        command.env("LD_PRELOAD", slow);
    }
    let out = command.stderr(Stdio::inherit()).output()?;
    let outcome: Outcome =
        serde_json::from_slice(&out.stdout).context("bare SQLite told nothing")?;
    let rate = outcome.creates as f64 / outcome.seconds;
    println!("bare SQLite, {batch} in a commit: {rate:.0} a second");
    Ok(rate)
}

impl Pair {
    fn row(self, name: &'static str, compared: &'static str, (bound, stretch): (f64, f64)) -> Row {
        let (a, b) = (median(self.ours), median(self.theirs));
        Row {
            name,
            compared,
            bound: Bound::AtLeast(bound),
            stretch: Bound::AtLeast(stretch),
            numbers: format!("{:.2} k against {:.2} k a second", a / 1e3, b / 1e3),
            value: a / b,
            others: median(self.others),
        }
    }
}
