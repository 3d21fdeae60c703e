//! Ten million tokens in both databases: start, memory, sweep, lists. Takes long, and some
//! thirty gigabytes of disk, so it only runs when it is named.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant as Moment;

use anyhow::{Context as _, Result};

use crate::Args;
use crate::clone::Place;
use crate::inventory::{self, Kind};
use crate::row::{Bound, Row};
use crate::{lists, machine, stage, sweep};

/// All are Forewarn's own, so that the index holds them all.
const OWN_IN: u64 = 1;

/// The rows of ten million.
///
/// # Errors
/// When a store cannot be filled or read, or the server does not start.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let mut rows = Vec::new();
    for kind in Kind::all(args) {
        let began = Moment::now();
        let place = inventory::made(args, &kind, args.large, OWN_IN)?;
        println!(
            "{} made in {:.0} s",
            args.large,
            began.elapsed().as_secs_f64()
        );
        if args.make_only {
            continue;
        }
        rows.extend(start(args, &kind, &place)?);
        rows.extend(runtime.block_on(sweep::of(args, &kind, args.large, OWN_IN))?);
        rows.extend(runtime.block_on(lists::of(args, &kind, args.large, OWN_IN))?);
        inventory::forget(args, &kind, args.large, OWN_IN)?;
    }
    for row in &mut rows {
        // A few names for as long as the program runs.
        row.name = Box::leak(
            format!("{}, {:.0} million", row.name, args.large as f64 / 1e6).into_boxed_str(),
        );
    }
    Ok(rows)
}

/// How long until it listens, and what it holds then.
fn start(args: &Args, kind: &Kind, place: &Place) -> Result<Vec<Row>> {
    let data = args.dir.join(format!("inventory-{}-{OWN_IN}", args.large));
    let data = match place {
        Place::Sqlite(_) => data,
        Place::Postgres(_) => data.with_extension("pg"),
    };
    let mut command = Command::new(stage::pinned(args, &data)?);
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data);
    if let Place::Postgres(url) = place {
        command.args(["--database", url]);
    }
    let began = Moment::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let listens = listens(&mut child);
    let seconds = began.elapsed().as_secs_f64();
    let memory = machine::memory_of(child.id()).unwrap_or(0) as f64;
    let asked = Command::new("kill").arg(child.id().to_string()).status();
    child.wait()?;
    listens?;
    asked?;
    Ok(vec![
        Row {
            name: kind.named("start, SQLite", "start, PostgreSQL"),
            compared: "seconds until it listens",
            bound: Bound::AtMost(f64::INFINITY),
            stretch: Bound::AtMost(f64::INFINITY),
            numbers: format!("{seconds:.1} s"),
            value: seconds,
            others: 0.0,
        },
        Row {
            name: kind.named("memory, SQLite", "memory, PostgreSQL"),
            compared: "bytes of the whole process a token",
            bound: Bound::AtMost(150.0),
            stretch: Bound::AtMost(110.0),
            numbers: format!("{:.0} MB", memory / 1e6),
            value: memory / args.large as f64,
            others: 0.0,
        },
    ])
}

fn listens(child: &mut Child) -> Result<()> {
    let out = child.stdout.take().context("no output")?;
    for line in BufReader::new(out).lines() {
        if line?.contains("listening on http://") {
            return Ok(());
        }
    }
    anyhow::bail!("the server does not listen")
}
