//! Folds every input into one, with a progress bar where somebody looks.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};

use foundry::{Counts, Fold, Tail};
use indicatif::{ProgressBar, ProgressStyle};

use sources::inputs::{Input, expand};

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
    let mut reading = Reading {
        fold: Fold::of_types(types),
        counts: Counts::default(),
        complaints,
    };
    for input in &inputs {
        reading.one(input, &bar);
    }
    bar.finish_and_clear();
    if !inputs.is_empty() && !reading.counts.any_audit_line {
        let sentence = "no input holds a line of a Foundry audit log; are these the right files?";
        reading.complaints.push(sentence.to_owned());
    }
    reading
}

impl Reading {
    fn one(&mut self, input: &Input, bar: &ProgressBar) {
        let (name, opened) = match input {
            Input::Stdin => (
                "standard input".to_owned(),
                Ok(Box::new(io::stdin()) as Box<dyn Read>),
            ),
            Input::File(path) => (
                path.display().to_string(),
                File::open(path).map(|file| Box::new(file) as Box<dyn Read>),
            ),
        };
        let read = opened.and_then(|file| self.scan(bar.wrap_read(file)));
        match read {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => self.complaints.push(complaint(&name, &error)),
        }
    }

    fn scan(&mut self, file: impl Read) -> io::Result<Option<io::Error>> {
        let (inside, _) = foundry::decompress(file)?;
        let outcome = foundry::scan(inside, Tail::Read, |told| self.fold.line(told))?;
        let (all, more) = (&mut self.counts, outcome.counts);
        all.lines += more.lines;
        all.token_events += more.token_events;
        all.skipped += more.skipped;
        all.unreadable += more.unreadable;
        all.any_audit_line |= more.any_audit_line;
        Ok(outcome.broken)
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
