//! Counts tests in the output of `cargo test`, and shows the part a person wants.
//!
//! A test that lacks something outside (a database, a peer) says so by a line that
//! starts with `SKIPPED:`. The harness calls such a test `ok`; here it is skipped.

use super::report::Counts;

/// The word a test starts a line with when it could not do its work.
const SKIPPED: &str = "SKIPPED:";

/// Reads the output line by line.
#[derive(Default)]
pub struct Counter {
    counts: Counts,
    skipped_here: usize,
    in_successes: bool,
    in_empty: bool,
}

impl Counter {
    /// Takes one line; returns whether it is worth showing.
    pub fn line(&mut self, line: &str) -> bool {
        if let Some(result) = line.strip_prefix("test result: ") {
            self.in_successes = false;
            self.binary_ended(result);
            return !std::mem::take(&mut self.in_empty);
        }
        match line {
            "successes:" => self.in_successes = true,
            "failures:" => self.in_successes = false,
            "running 0 tests" => self.in_empty = true,
            _ => {}
        }
        if line.trim_start().starts_with(SKIPPED) {
            self.skipped_here += 1;
            return true;
        }
        !self.in_successes && !self.in_empty
    }

    /// `ok. 5 passed; 0 failed; 1 ignored; …`: ignored tests were skipped, filtered ones are no matter.
    fn binary_ended(&mut self, result: &str) {
        let number = |word: &str| {
            let parts = result.split(['.', ';']).map(str::trim);
            parts
                .filter_map(|part| part.strip_suffix(word)?.trim().parse::<usize>().ok())
                .sum()
        };
        let passed: usize = number(" passed");
        let skipped = self.skipped_here.min(passed);
        self.counts += Counts {
            passed: passed - skipped,
            failed: number(" failed"),
            skipped: skipped + number(" ignored"),
        };
        self.skipped_here = 0;
    }

    /// The sum; a run that ended badly without a failed test counts as one failure.
    pub fn end(self, ended_well: bool) -> Counts {
        let mut counts = self.counts;
        if !ended_well && counts.failed == 0 {
            counts.failed = 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str, ended_well: bool) -> Counts {
        let mut counter = Counter::default();
        for line in text.lines() {
            counter.line(line);
        }
        counter.end(ended_well)
    }

    #[test]
    fn binaries_add_up() {
        let text = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(
            count(text, false),
            Counts {
                passed: 6,
                failed: 2,
                skipped: 1
            }
        );
    }

    #[test]
    fn a_test_that_skipped_itself_did_not_pass() {
        let text = "successes:\n\n---- a stdout ----\nSKIPPED: no PostgreSQL\n\n\
                    test result: ok. 2 passed; 0 failed; 0 ignored";
        assert_eq!(
            count(text, true),
            Counts {
                passed: 1,
                failed: 0,
                skipped: 1
            }
        );
    }

    #[test]
    fn a_build_that_broke_is_one_failure() {
        assert_eq!(count("", false), Counts::FAILED);
    }

    #[test]
    fn words_of_tests_that_passed_stay_unseen() {
        let mut counter = Counter::default();
        assert!(counter.line("test a ... ok"));
        assert!(!counter.line("successes:"));
        assert!(!counter.line("chatter"));
        assert!(counter.line("failures:"));
        assert!(counter.line("cause"));
    }
}
