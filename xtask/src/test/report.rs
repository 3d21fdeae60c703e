//! What ran, how it ended, how long it took.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Counts {
    /// One check that passed.
    pub const PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// One check that failed.
    pub const FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };
    /// One check that could not run here.
    pub const SKIPPED: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 1,
    };

    /// A step that failed in any part failed; one that ran nothing was skipped.
    fn word(self) -> &'static str {
        match self {
            Self { failed: 1.., .. } => "failed",
            Self {
                passed: 0,
                skipped: 1..,
                ..
            } => "skipped",
            _ => "passed",
        }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Reads as the closing line of a test run.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// One line of the table.
struct Step {
    name: &'static str,
    counts: Counts,
    took: Duration,
    note: String,
}

/// The table of steps.
#[derive(Default)]
pub struct Report {
    steps: Vec<Step>,
}

impl Report {
    /// Runs one step and keeps how it ended; an error counts as one failure.
    pub fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<Counts>) {
        println!("\n── {name}");
        let start = Instant::now();
        let (counts, note) = match work() {
            Ok(counts) => (counts, String::new()),
            Err(error) => (Counts::FAILED, format!("{error:#}")),
        };
        if !note.is_empty() {
            println!("{note}");
        }
        self.steps.push(Step {
            name,
            counts,
            took: start.elapsed(),
            note,
        });
    }

    /// Keeps a step that cannot run here, with the remedy.
    pub fn skip(&mut self, name: &'static str, why: &str) {
        println!("\n── {name}\nSKIPPED: {why}");
        let (counts, note) = (Counts::SKIPPED, why.to_owned());
        self.steps.push(Step {
            name,
            counts,
            took: Duration::ZERO,
            note,
        });
    }

    /// The sum over all steps.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for step in &self.steps {
            total += step.counts;
        }
        total
    }
}

/// The table, and below it exactly one closing line.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<14} {:<8} {:>7}  tests",
            "step", "result", "seconds"
        )?;
        for Step {
            name,
            counts,
            took,
            note,
        } in &self.steps
        {
            let (word, seconds) = (counts.word(), took.as_secs_f32());
            write!(f, "{name:<14} {word:<8} {seconds:>7.1}  ")?;
            let first = note.lines().next().unwrap_or_default();
            if first.is_empty() {
                writeln!(f, "{counts}")?
            } else {
                writeln!(f, "{first}")?
            }
        }
        writeln!(f, "\n{}", self.total())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_every_test_once() {
        let mut report = Report::default();
        report.step("a", || {
            Ok(Counts {
                passed: 3,
                failed: 0,
                skipped: 1,
            })
        });
        report.step("b", || anyhow::bail!("no luck"));
        let text = report.to_string();
        assert_eq!(text.lines().last(), Some("3 passed, 1 failed, 1 skipped"));
        assert_eq!(text.matches(" passed, ").count(), 2, "{text}");
    }

    #[test]
    fn what_did_not_run_is_never_called_passed() {
        assert_eq!(Counts::SKIPPED.word(), "skipped");
        assert_eq!(
            Counts {
                passed: 9,
                failed: 1,
                skipped: 0
            }
            .word(),
            "failed"
        );
    }

    #[test]
    fn nothing_skipped_leaves_the_word_out() {
        assert_eq!(Counts::PASSED.to_string(), "1 passed, 0 failed");
    }
}
