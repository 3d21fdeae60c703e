//! How fast is `forewarn check` beside what only reads or unpacks the same file?

mod duck;
mod log;

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::Args;
use crate::machine::{self, Watch};
use crate::row::{Bound, Row, median};
use log::Held;

const SEED: u64 = 42;
const AT: &str = "2026-11-01T00:00:00Z";

/// One run of something.
struct Run {
    seconds: f64,
    others: f64,
    peak: u64,
}

/// The rows of the fold.
///
/// # Errors
/// When a contender cannot run, or the answer is wrong.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let (plain, held) = written(args)?;
    let gzip = packed(&plain, "gz", |file| {
        Box::new(flate2::write::GzEncoder::new(
            file,
            flate2::Compression::new(1),
        ))
    })?;
    let zstd = packed_zstd(&plain)?;
    let size = held.bytes as f64 / 1e9;
    let mut rows = Vec::new();
    for (name, compared, file, other, threads, bound, stretch) in [
        (
            "fold, 2 threads",
            "wc -l",
            &plain,
            &["wc", "-l"][..],
            2,
            1.0,
            1.4,
        ),
        (
            "fold, 1 thread",
            "wc -l",
            &plain,
            &["wc", "-l"],
            1,
            0.7,
            0.8,
        ),
        ("fold, gzip", "zcat", &gzip, &["zcat"], 2, 2.0, 2.5),
        (
            "fold, zstd",
            "zstd -dc",
            &zstd,
            &["zstd", "-dc"],
            2,
            0.85,
            0.92,
        ),
    ] {
        let (ours, theirs) = in_turn(args, file, other, threads, &held)?;
        let ratios = ours.iter().zip(&theirs).map(|(a, b)| b.seconds / a.seconds);
        let speed = |runs: &[Run]| size / median(runs.iter().map(|run| run.seconds).collect());
        rows.push(Row {
            name,
            compared,
            bound: Bound::AtLeast(bound),
            stretch: Bound::AtLeast(stretch),
            numbers: format!("{:.2} against {:.2} GB/s", speed(&ours), speed(&theirs)),
            value: median(ratios.collect()),
            others: median(ours.iter().map(|run| run.others).collect()),
        });
        if threads == 2 && file == &plain {
            rows.push(memory(&ours, &held));
            rows.extend(duck::measure(args, &plain, &held)?);
        }
    }
    Ok(rows)
}

/// Against what is promised: 64 MB and 200 bytes a distinct id.
fn memory(runs: &[Run], held: &Held) -> Row {
    let allowed = 64e6 + 200.0 * held.made as f64;
    let peak = median(runs.iter().map(|run| run.peak as f64).collect());
    Row {
        name: "fold, memory",
        compared: "64 MB + 200 B an id",
        bound: Bound::AtMost(1.0),
        stretch: Bound::AtMost(0.5),
        numbers: format!("{:.1} of {:.1} MB", peak / 1e6, allowed / 1e6),
        value: peak / allowed,
        others: median(runs.iter().map(|run| run.others).collect()),
    }
}

fn in_turn(
    args: &Args,
    file: &Path,
    other: &[&str],
    threads: usize,
    held: &Held,
) -> Result<(Vec<Run>, Vec<Run>)> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // The first of each only warms up.
    for round in 0..=args.rounds {
        let own = check(args, file, threads, held)?;
        let peer = peer(other, file)?;
        if round > 0 {
            ours.push(own);
            theirs.push(peer);
        }
    }
    Ok((ours, theirs))
}

fn check(args: &Args, file: &Path, threads: usize, held: &Held) -> Result<Run> {
    let mut command = match threads {
        1 => machine::pinned(0, &args.forewarn),
        _ => Command::new(&args.forewarn),
    };
    command
        .args(["check", "--format", "json", "--all", "--at", AT])
        .arg(file);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let watch = Watch::start(&[]);
    let mut child = command.spawn().context("forewarn cannot be started")?;
    let mut out = child.stdout.take().context("forewarn has no output")?;
    let mut text = vec![0];
    // With the first byte everything has been read, and the pipe holds back the rest.
    out.read_exact(&mut text)?;
    let peak = machine::peak_of(child.id()).unwrap_or(0);
    out.read_to_end(&mut text)?;
    child.wait()?;
    let seconds = watch.seconds();
    let counts = &serde_json::from_slice::<Value>(&text)?["counts"];
    ensure!(
        counts["lines"] == held.lines
            && counts["created"] == held.made
            && counts["revoked"] == held.ended
            && counts["unreadable"] == 0,
        "check counted {counts}, not {held:?}"
    );
    Ok(Run {
        seconds,
        others: watch.others(),
        peak,
    })
}

fn peer(words: &[&str], file: &Path) -> Result<Run> {
    let (program, rest) = words.split_first().context("no command")?;
    let mut command = Command::new(program);
    command
        .args(rest)
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let watch = Watch::start(&[]);
    let status = command
        .status()
        .with_context(|| format!("{program} cannot be started"))?;
    ensure!(status.success(), "{program} ended with {status}");
    Ok(Run {
        seconds: watch.seconds(),
        others: watch.others(),
        peak: 0,
    })
}

/// The log, written once, and what it holds.
fn written(args: &Args) -> Result<(PathBuf, Held)> {
    let path = args.dir.join(format!("audit-{}.log", args.lines));
    if let Ok(about) = fs::metadata(&path) {
        // The same seed again, only to count.
        let held = log::write(SEED, args.lines, &mut std::io::sink())?;
        if about.len() == held.bytes {
            return Ok((path, held));
        }
    }
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let held = log::write(SEED, args.lines, &mut out)?;
    out.flush()?;
    Ok((path, held))
}

fn packed(
    plain: &Path,
    ending: &str,
    pack: impl FnOnce(File) -> Box<dyn Write>,
) -> Result<PathBuf> {
    let path = plain.with_extension(format!("log.{ending}"));
    if !path.exists() {
        let unfinished = path.with_extension("part");
        let mut out = pack(File::create(&unfinished)?);
        std::io::copy(&mut File::open(plain)?, &mut out)?;
        out.flush()?;
        drop(out);
        fs::rename(unfinished, &path)?;
    }
    Ok(path)
}

fn packed_zstd(plain: &Path) -> Result<PathBuf> {
    let path = plain.with_extension("log.zst");
    if !path.exists() {
        let unfinished = path.with_extension("part");
        zstd::stream::copy_encode(File::open(plain)?, File::create(&unfinished)?, 3)?;
        fs::rename(unfinished, &path)?;
    }
    Ok(path)
}
