//! A watched set of audit log files.
//!
//! # Theory of operation
//! Plain NDJSON is read on from where the last read ended, in segments, each a batch
//! with the checkpoint behind it; observations and checkpoint are stored in one commit,
//! so a death in between repeats a segment that was not stored and nothing else.
//! Compressed files are unpacked from their beginning when they are new or have grown,
//! and what was read of them before, perhaps while they were plain still, is passed over.
//! CSV is read whole again: what events tell is merged, so that changes nothing, and of
//! the lines only those are counted that came on top.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use app::ports::{Batch, Connector, ConnectorError, LineCounts, ReadSummary};
use async_trait::async_trait;
use domain::inventory::Observation;
use domain::kernel::SourceId;
use foundry::{Compression, Tail};
use serde::de::IgnoredAny;
use tokio::sync::mpsc;

use super::checkpoint::{Checkpoint, Position, Seen};
use super::inside::{Inside, beginning};
use super::observe::FoundryEvents;
use crate::inputs::{Input, expand};

/// Bytes of a plain file that are read for one batch.
const SEGMENT: u64 = 16 * 1024 * 1024;
/// Observations sent in one batch.
const BATCH: usize = 1000;
/// The longest unfinished last line that is looked at.
const TAIL_MAX: u64 = 1024 * 1024;

/// A watched set of audit log files.
#[derive(Clone, Debug)]
pub struct FoundryFiles {
    source: SourceId,
    paths: Vec<String>,
    events: FoundryEvents,
}

impl FoundryFiles {
    /// Watches files, directories and globs.
    pub fn new(source: SourceId, paths: Vec<String>, events: FoundryEvents) -> Self {
        Self {
            source,
            paths,
            events,
        }
    }
}

#[async_trait]
impl Connector for FoundryFiles {
    fn source(&self) -> &SourceId {
        &self.source
    }

    fn system(&self) -> &str {
        "foundry"
    }

    async fn read(
        &self,
        checkpoint: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let reading = Reading {
            events: self.events.clone(),
            checkpoint: checkpoint
                .and_then(|c| serde_json::from_value(c).ok())
                .unwrap_or_default(),
            batches,
            summary: ReadSummary::default(),
            counted: LineCounts::default(),
            failures: Vec::new(),
        };
        let paths = self.paths.clone();
        let read = tokio::task::spawn_blocking(move || reading.run(&paths)).await;
        read.unwrap_or_else(|error| {
            Err(ConnectorError::Unreadable(format!(
                "the reader stopped: {error}"
            )))
        })
    }
}

/// One pass over all files.
struct Reading {
    events: FoundryEvents,
    checkpoint: Checkpoint,
    batches: mpsc::Sender<Batch>,
    summary: ReadSummary,
    /// What batches have counted of the summary.
    counted: LineCounts,
    failures: Vec<String>,
}

/// Why a file was left.
enum Left {
    /// Nobody takes batches any more.
    Stopped,
    /// The file cannot be read.
    Failed(io::Error),
}

/// What a file is says more than that it cannot be read.
fn sentence(path: &Path, error: &io::Error) -> String {
    let inner = error.get_ref();
    let undone = inner.and_then(|inner| inner.downcast_ref::<foundry::Undone>());
    match undone {
        Some(why) => format!("{} {why}", path.display()),
        None => format!("{} cannot be read: {error}", path.display()),
    }
}

impl From<io::Error> for Left {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Reading {
    fn run(mut self, paths: &[String]) -> Result<ReadSummary, ConnectorError> {
        for path in self.files(paths) {
            match self.file(&path) {
                Ok(()) => {}
                Err(Left::Stopped) => return Err(ConnectorError::Stopped),
                Err(Left::Failed(error)) => self.failures.push(sentence(&path, &error)),
            }
        }
        match self.failures.first() {
            // What could be read was read; the source is still not whole.
            Some(first) => Err(ConnectorError::Unavailable(first.clone())),
            None => Ok(self.summary),
        }
    }

    fn files(&mut self, paths: &[String]) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for path in paths {
            match expand(path) {
                Ok(inputs) => files.extend(inputs.into_iter().filter_map(|input| match input {
                    Input::File(file) => Some(file),
                    Input::Stdin => None,
                })),
                Err(sentence) => self.failures.push(sentence),
            }
        }
        files.dedup();
        files
    }

    fn file(&mut self, path: &Path) -> Result<(), Left> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let start = beginning(&file)?;
        if foundry::is_parquet(&start) {
            return Err(Left::Failed(foundry::Undone::Parquet.into()));
        }
        let plain = Compression::of(&start) == Compression::Plain;
        if size == 0 {
            return Ok(());
        }
        if plain && !foundry::looks_like_csv(&start) {
            return self.grown(&mut file, &start, size);
        }
        let seen = Seen::of(&start, size);
        match self.checkpoint.saw(&seen).map(|seen| seen.cut) {
            Some(true) => self.remark(path),
            Some(false) => {}
            None => self.whole(path, &mut file, seen)?,
        }
        Ok(())
    }

    /// Reads on in a plain file, segment by segment.
    fn grown(&mut self, file: &mut File, start: &[u8], size: u64) -> Result<(), Left> {
        let mut known = self.checkpoint.position(start, Some(size));
        let mut offset = known.as_ref().map_or(0, |k| k.offset);
        let mut segment = SEGMENT;
        while offset < size {
            file.seek(SeekFrom::Start(offset))?;
            let (observations, consumed) = self.scan(file.take(segment), Tail::Leave)?;
            let consumed = match consumed {
                0 if offset + segment < size => {
                    // A line longer than a segment: look further, memory stays as it is.
                    segment = segment.saturating_mul(4);
                    continue;
                }
                0 => match self.last_line(file, offset, size)? {
                    Some(last) => {
                        let position = Position::at(start, size);
                        return self.send(known.as_ref(), position, last);
                    }
                    None => return Ok(()),
                },
                consumed => consumed,
            };
            segment = SEGMENT;
            offset += consumed;
            let position = Position::at(start, offset);
            self.send(known.as_ref(), position.clone(), observations)?;
            known = Some(position);
        }
        Ok(())
    }

    /// What stands after the last line end, if it is a line: the beginning of a JSON
    /// object is never JSON itself, so a half-written line cannot be mistaken for one.
    fn last_line(
        &mut self,
        file: &mut File,
        offset: u64,
        size: u64,
    ) -> Result<Option<Vec<Observation>>, Left> {
        if size - offset > TAIL_MAX {
            return Ok(None);
        }
        file.seek(SeekFrom::Start(offset))?;
        let mut rest = Vec::new();
        file.take(size - offset).read_to_end(&mut rest)?;
        if serde_json::from_slice::<IgnoredAny>(&rest).is_err() {
            return Ok(None);
        }
        let (observations, _) = self.scan(rest.as_slice(), Tail::Read)?;
        Ok(Some(observations))
    }

    /// Reads what is new in a compressed file or CSV.
    fn whole(&mut self, path: &Path, file: &mut File, mut seen: Seen) -> Result<(), Left> {
        file.seek(SeekFrom::Start(0))?;
        let mut inside = Inside::of(file)?;
        let mut known = self.checkpoint.position(inside.start(), None);
        let mut position = known.clone().unwrap_or(Position::start(inside.start()));
        let mut observations = Vec::new();
        let broken = match inside.pass(position.offset) {
            Err(error) => Some(error),
            Ok(true) => self.rest(inside, &mut position, &mut observations),
            // Shorter than what was read: it was truncated or replaced, or is a copy of a
            // log that has grown since, whose own position must stay.
            Ok(false) => {
                known = None;
                drop(inside);
                file.seek(SeekFrom::Start(0))?;
                let inside = Inside::of(file)?;
                position = Position::start(inside.start());
                self.rest(inside, &mut position, &mut observations)
            }
        };
        while observations.len() > BATCH {
            let rest = observations.split_off(BATCH);
            // Counted by the batch that carries the place behind all of it.
            self.give(
                std::mem::replace(&mut observations, rest),
                LineCounts::default(),
            )?;
        }
        if broken.is_some() {
            // Perhaps it is still being written: it is read on when it has changed.
            seen.cut = true;
            self.remark(path);
        }
        self.checkpoint.see(seen);
        self.send(known.as_ref(), position, observations)
    }

    /// Reads from a position on and moves it; what stopped the reading before the end.
    fn rest(
        &mut self,
        inside: Inside<'_>,
        position: &mut Position,
        observations: &mut Vec<Observation>,
    ) -> Option<io::Error> {
        let is_csv = foundry::looks_like_csv(inside.start());
        let events = self.events.clone();
        let outcome = foundry::scan(inside, Tail::Read, |told| {
            observations.extend(events.observe(told))
        });
        // Not one byte more than was read before.
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Some(error),
        };
        let (lines, unreadable) = (outcome.counts.lines, outcome.counts.unreadable);
        self.summary.read += lines.saturating_sub(position.lines);
        self.summary.unreadable += unreadable.saturating_sub(position.unreadable);
        // What came out of a damaged compression may be wrong, and must not be passed
        // over once the file was fetched again.
        let cut = outcome.broken.as_ref().map(io::Error::kind);
        let stands = matches!(cut, None | Some(io::ErrorKind::UnexpectedEof));
        if stands && !is_csv {
            position.offset += outcome.consumed;
            (position.lines, position.unreadable) = (0, 0);
        } else {
            position.lines = position.lines.max(lines);
            position.unreadable = position.unreadable.max(unreadable);
        }
        outcome.broken
    }

    fn remark(&mut self, path: &Path) {
        let sentence = format!(
            "{} ends inside its compression or is damaged; its complete lines were used",
            path.display()
        );
        self.summary.remarks.push(sentence);
    }

    fn scan(&mut self, input: impl io::Read, tail: Tail) -> Result<(Vec<Observation>, u64), Left> {
        let mut observations = Vec::new();
        let events = self.events.clone();
        let outcome = foundry::scan(input, tail, |told| {
            observations.extend(events.observe(told))
        })?;
        self.count(&outcome.counts);
        match outcome.broken {
            Some(error) => Err(Left::Failed(error)),
            None => Ok((observations, outcome.consumed)),
        }
    }

    fn count(&mut self, counts: &foundry::Counts) {
        self.summary.read += counts.lines;
        self.summary.unreadable += counts.unreadable;
    }

    /// Sends a batch with the checkpoint that stands behind it.
    fn send(
        &mut self,
        known: Option<&Position>,
        position: Position,
        observations: Vec<Observation>,
    ) -> Result<(), Left> {
        self.checkpoint.advance(known, position);
        let counts = LineCounts {
            read: self.summary.read - self.counted.read,
            unreadable: self.summary.unreadable - self.counted.unreadable,
        };
        self.counted += counts;
        self.give(observations, counts)
    }

    fn give(&mut self, observations: Vec<Observation>, counts: LineCounts) -> Result<(), Left> {
        let checkpoint = serde_json::to_value(&self.checkpoint).unwrap_or_default();
        self.batches
            .blocking_send(Batch {
                observations,
                checkpoint,
                counts,
            })
            .map_err(|_| Left::Stopped)
    }
}
