//! A seeded generator of audit logs that keeps its own model of the truth.
//!
//! It knows the log's two schemas and everything that goes wrong in such files, and
//! shares nothing with the rooms that read them. One seed gives one log, byte by byte;
//! nothing here may ask a clock, a thread or the machine.

mod births;
mod dice;
mod events;
pub mod instant;
mod line;
mod noise;
mod outlet;
mod spans;
mod story;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
pub use truth::Truth;

use dice::Dice;
use story::{DAYS, Story};

/// The window of `check` unless it is told another.
pub const WINDOW: i64 = 168 * instant::HOUR;
/// Fewer lines would leave days empty.
const FEWEST: u64 = 2000;

/// What to write, and where.
#[derive(clap::Args)]
pub struct Args {
    /// The same seed gives the same log
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// How many lines, blank ones not counted
    #[arg(long, default_value_t = 1_000_000)]
    pub lines: u64,
    /// Where `logs/` and `truth.json` go
    #[arg(long)]
    pub out: PathBuf,
    /// The instant for which the truth is told; the log ends on its day
    #[arg(long, default_value = "2026-11-22T12:00:00Z")]
    pub at: String,
}

/// Writes the log and its model.
///
/// # Errors
/// When an argument makes no sense or a file cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let at = instant::read(&args.at)?;
    let truth = write(args.seed, args.lines, at, &args.out)?;
    let path = args.out.join("truth.json");
    let text = serde_json::to_string_pretty(&truth.json(at, WINDOW, false))?;
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    println!(
        "{} lines in {}",
        args.lines,
        args.out.join("logs").display()
    );
    Ok(())
}

/// Writes the files below `out/logs`, a day at a time, and returns what is true of them.
///
/// # Errors
/// When a file cannot be written, or there are too few lines for every day to have one.
pub fn write(seed: u64, lines: u64, at: i64, out: &Path) -> Result<Truth> {
    ensure!(lines >= FEWEST, "--lines must be at least {FEWEST}");
    let dir = out.join("logs");
    fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    let mut outlets = outlet::open_all(&dir)?;
    let (mut story, mut dice) = (Story::new(seed, at, lines), Dice::new(!seed));
    for outlet in &mut outlets {
        outlet.write(&story.opening(), &mut dice)?;
    }
    let mut left = lines - outlets.len() as u64;
    for day in 0..DAYS {
        let share = left / (DAYS - day).unsigned_abs();
        let today = story.next_day(share);
        left = left.saturating_sub(today.len() as u64);
        scatter(&today, &mut outlets, &mut dice)?;
    }
    for outlet in outlets {
        outlet.finish()?;
    }
    Ok(story.into_truth())
}

/// Writes each line to some file that can hold it.
fn scatter(
    records: &[outlet::Record],
    outlets: &mut [outlet::Outlet],
    dice: &mut Dice,
) -> Result<()> {
    for record in records {
        let mut able: Vec<_> = outlets.iter_mut().filter(|one| one.takes(record)).collect();
        let place = dice.below(able.len());
        if let Some(outlet) = able.get_mut(place) {
            outlet.write(record, dice)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file of a small log, and what is true of it.
    fn log(name: &str, seed: u64) -> (Vec<Vec<u8>>, Truth) {
        let out = std::env::temp_dir().join(format!("loggen-{}-{name}", std::process::id()));
        let at = instant::read("2026-11-22T12:00:00Z").expect("an instant");
        let truth = write(seed, 5000, at, &out).expect("a log");
        let files = fs::read_dir(out.join("logs")).expect("a folder");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        let bytes = files.iter().map(|file| fs::read(file).expect("bytes"));
        let bytes = bytes.collect();
        fs::remove_dir_all(out).expect("it can go");
        (bytes, truth)
    }

    #[test]
    fn one_seed_gives_one_log() {
        let (one, again, other) = (log("one", 7), log("again", 7), log("other", 8));
        assert!(one.0 == again.0 && one.0 != other.0);
        assert_eq!(one.1.json(0, WINDOW, true), again.1.json(0, WINDOW, true));
    }

    #[test]
    fn as_many_lines_are_written_as_asked() {
        let counts = log("lines", 9).1.counts;
        assert_eq!(
            counts.token_events + counts.skipped + counts.unreadable,
            5000
        );
        assert!(counts.duplicates > 0 && counts.unreadable > 0);
    }
}
