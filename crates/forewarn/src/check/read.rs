//! Folds every input into one, on as many threads as there are processors, with a
//! progress bar where somebody looks.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use foundry::{Counts, Fold, Outcome, Part, Tail, Telling};
use indicatif::{ProgressBar, ProgressStyle};

use sources::inputs::{Input, expand};

/// Each thread costs the memory of a block and of a decompression.
const THREADS_MAX: usize = 8;
/// What so many lines told goes into the fold together.
const TOLD_MAX: usize = 256;

/// What was read, and what could not be.
pub(super) struct Reading {
    pub(super) fold: Fold,
    pub(super) counts: Counts,
    /// One sentence for each input that is of no use.
    pub(super) complaints: Vec<String>,
}

/// Reads everything that can be read; what cannot is said and does not stop the rest.
pub(super) fn read_all(
    arguments: &[String],
    types: Option<BTreeSet<String>>,
    progress: bool,
) -> Reading {
    let mut complaints = Vec::new();
    let mut inputs: Vec<Input> = Vec::new();
    for argument in arguments {
        match expand(argument) {
            Ok(found) => inputs.extend(found),
            Err(complaint) => complaints.push(complaint),
        }
    }
    let bar = progress_bar(&inputs, progress);
    let work = Work::new(&inputs, types, &bar);
    let (counts, failed) = work.done();
    bar.finish_and_clear();
    complaints.extend(failed);
    if !inputs.is_empty() && !counts.any_audit_line {
        let sentence = "no input holds a line of a Foundry audit log; are these the right files?";
        complaints.push(sentence.to_owned());
    }
    let fold = work.fold.into_inner();
    Reading {
        fold: fold.unwrap_or_else(PoisonError::into_inner),
        counts,
        complaints,
    }
}

/// Everything there is to read, and where what it tells goes.
struct Work<'a> {
    jobs: Vec<Job<'a>>,
    /// The first job that nobody has taken.
    next: AtomicUsize,
    threads: usize,
    fold: Mutex<Fold>,
    bar: &'a ProgressBar,
}

/// An input as a whole, or a part of it.
#[derive(Clone, Copy)]
struct Job<'a> {
    /// Its place among the inputs.
    number: usize,
    input: &'a Input,
    part: Option<Part>,
}

/// What one thread did: lines, and sentences with the place of their input.
#[derive(Default)]
struct Done {
    counts: Counts,
    failed: Vec<(usize, String)>,
}

impl<'a> Work<'a> {
    fn new(inputs: &'a [Input], types: Option<BTreeSet<String>>, bar: &'a ProgressBar) -> Self {
        let jobs: Vec<Job<'a>> = inputs.iter().enumerate().flat_map(jobs_of).collect();
        let processors = thread::available_parallelism().map_or(1, Into::into);
        Self {
            jobs,
            next: AtomicUsize::new(0),
            threads: processors.min(THREADS_MAX),
            fold: Mutex::new(Fold::of_types(types)),
            bar,
        }
    }

    /// Does all of it; the lines, and one sentence for each input that is of no use.
    fn done(&self) -> (Counts, Vec<String>) {
        let others = self.threads.min(self.jobs.len()).saturating_sub(1);
        let all: Vec<Done> = thread::scope(|scope| {
            let others: Vec<_> = (0..others)
                .map(|_| scope.spawn(|| self.take_jobs()))
                .collect();
            let own = self.take_jobs();
            let others = others.into_iter().filter_map(|thread| thread.join().ok());
            others.chain([own]).collect()
        });
        let mut failed = Vec::new();
        let mut counts = Counts::default();
        for done in all {
            counts.add(&done.counts);
            failed.extend(done.failed);
        }
        failed.sort_by_key(|(number, _)| *number);
        failed.dedup_by_key(|(number, _)| *number);
        (
            counts,
            failed.into_iter().map(|(_, sentence)| sentence).collect(),
        )
    }

    fn take_jobs(&self) -> Done {
        let mut done = Done::default();
        while let Some(job) = self.jobs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let failed = match self.one(*job) {
                Ok(outcome) => {
                    done.counts.add(&outcome.counts);
                    outcome.broken
                }
                Err(error) => Some(error),
            };
            let sentence = |error| complaint(&name(job.input), &error);
            done.failed
                .extend(failed.map(|error| (job.number, sentence(error))));
        }
        done
    }

    fn one(&self, job: Job<'_>) -> io::Result<Outcome> {
        let mut told = Told {
            fold: &self.fold,
            lines: Vec::new(),
        };
        match (job.input, job.part) {
            (Input::Stdin, _) => self.whole(io::stdin(), &mut told),
            (Input::File(path), None) => self.whole(File::open(path)?, &mut told),
            (Input::File(path), Some(part)) => {
                let read = |bytes| self.bar.inc(bytes);
                foundry::scan_part(&File::open(path)?, part, read, |line| told.line(line))
            }
        }
    }

    /// Where processors would be idle, one unpacks for the other.
    fn whole(&self, input: impl Read + Send, told: &mut Told<'_>) -> io::Result<Outcome> {
        let input = self.bar.wrap_read(input);
        let mut scan =
            |inside: &mut dyn Read| foundry::scan(inside, Tail::Read, |line| told.line(line));
        if self.jobs.len() < self.threads {
            foundry::ahead(|| Ok(foundry::decompress(input)?.0), scan)
        } else {
            scan(&mut foundry::decompress(input)?.0)
        }
    }
}

/// What some lines told, on its way into the fold.
struct Told<'a> {
    fold: &'a Mutex<Fold>,
    lines: Vec<Vec<Telling>>,
}

impl Told<'_> {
    fn line(&mut self, told: &[Telling]) {
        self.lines.push(told.to_vec());
        if self.lines.len() == TOLD_MAX {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let mut fold = self.fold.lock().unwrap_or_else(PoisonError::into_inner);
        for told in self.lines.drain(..) {
            fold.line(&told);
        }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.hand_over();
    }
}

/// A large plain file in parts, anything else as a whole. What cannot be opened is said
/// by whoever reads it.
fn jobs_of<'a>((number, input): (usize, &'a Input)) -> Vec<Job<'a>> {
    let whole = Job {
        number,
        input,
        part: None,
    };
    let parts = match input {
        Input::Stdin => Vec::new(),
        Input::File(path) => {
            let parts = File::open(path).and_then(|file| foundry::parts(&file));
            parts.unwrap_or_default()
        }
    };
    if parts.is_empty() {
        return vec![whole];
    }
    let part = |part| Job {
        part: Some(part),
        ..whole
    };
    parts.into_iter().map(part).collect()
}

fn name(input: &Input) -> String {
    match input {
        Input::Stdin => "standard input".to_owned(),
        Input::File(path) => path.display().to_string(),
    }
}

fn complaint(name: &str, error: &io::Error) -> String {
    let undone = error
        .get_ref()
        .is_some_and(|inner| inner.is::<foundry::Undone>());
    if undone {
        format!("{name} {error}")
    } else {
        format!("{name} cannot be read: {error}")
    }
}

/// Bytes of all files together; hidden where nobody looks or standard input has no end.
fn progress_bar(inputs: &[Input], wanted: bool) -> ProgressBar {
    let size = |input: &Input| match input {
        Input::Stdin => None,
        Input::File(path) => std::fs::metadata(path).ok().map(|meta| meta.len()),
    };
    let total: Option<u64> = inputs.iter().map(size).sum();
    let (Some(total), true) = (total, wanted) else {
        return ProgressBar::hidden();
    };
    let style =
        ProgressStyle::with_template("{bar:32} {bytes}/{total_bytes} {bytes_per_sec} {eta} left");
    ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
