//! A watched set of audit log files.
//!
//! # Theory of operation
//! Plain NDJSON is read on from where the last read ended, in segments, each a batch
//! with the checkpoint behind it; observations and checkpoint are stored in one commit,
//! so a death in between repeats a segment that was not stored and nothing else.
//! Compressed files and CSV are read whole when they are new or have grown: what events
//! tell is merged, so reading them again changes nothing.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use app::ports::{Batch, Connector, ConnectorError, ReadSummary};
use async_trait::async_trait;
use domain::inventory::Observation;
use domain::kernel::SourceId;
use foundry::{Compression, Tail};
use serde::de::IgnoredAny;
use tokio::sync::mpsc;

use super::checkpoint::{Checkpoint, Position};
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
    failures: Vec<String>,
}

/// Why a file was left.
enum Left {
    /// Nobody takes batches any more.
    Stopped,
    /// The file cannot be read.
    Failed(io::Error),
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
                Err(Left::Failed(error)) => self
                    .failures
                    .push(format!("{} cannot be read: {error}", path.display())),
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
        let known = self.checkpoint.position(&mut file)?;
        if known.as_ref().is_some_and(|k| k.offset == size) || size == 0 {
            return Ok(());
        }
        if grows(&mut file)? {
            self.grown(&mut file, known, size)
        } else {
            self.whole(path, &mut file, known, size)
        }
    }

    /// Reads on in a plain file, segment by segment.
    fn grown(&mut self, file: &mut File, known: Option<Position>, size: u64) -> Result<(), Left> {
        let mut known = known;
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
                    Some(last) => return self.send(file, known.as_ref(), size, last).map(drop),
                    None => return Ok(()),
                },
                consumed => consumed,
            };
            segment = SEGMENT;
            offset += consumed;
            known = Some(self.send(file, known.as_ref(), offset, observations)?);
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

    /// Reads a compressed file or CSV from its beginning.
    fn whole(
        &mut self,
        path: &Path,
        file: &mut File,
        known: Option<Position>,
        size: u64,
    ) -> Result<(), Left> {
        file.seek(SeekFrom::Start(0))?;
        let (inside, _) = foundry::decompress(&*file)?;
        let mut observations = Vec::new();
        let events = self.events.clone();
        let outcome = foundry::scan(inside, Tail::Read, |told| {
            observations.extend(events.observe(told))
        })?;
        self.count(&outcome.counts);
        while observations.len() > BATCH {
            let rest = observations.split_off(BATCH);
            self.give(std::mem::replace(&mut observations, rest))?;
        }
        if outcome.broken.is_none() {
            return self
                .send(file, known.as_ref(), size, observations)
                .map(drop);
        }
        // Perhaps it is still being written: it is read again when it has grown.
        let sentence = format!(
            "{} ends inside its compression; its complete lines were used",
            path.display()
        );
        self.summary.remarks.push(sentence);
        self.give(observations)
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
        file: &mut File,
        known: Option<&Position>,
        offset: u64,
        observations: Vec<Observation>,
    ) -> Result<Position, Left> {
        let position = self.checkpoint.advance(file, known, offset)?;
        self.give(observations)?;
        Ok(position)
    }

    fn give(&mut self, observations: Vec<Observation>) -> Result<(), Left> {
        let checkpoint = serde_json::to_value(&self.checkpoint).unwrap_or_default();
        self.batches
            .blocking_send(Batch {
                observations,
                checkpoint,
            })
            .map_err(|_| Left::Stopped)
    }
}

/// Whether a file may be read on from where it ended: plain, and lines of JSON.
fn grows(file: &mut File) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let mut start = [0_u8; 4096];
    let mut filled = 0;
    while let Some(room) = start.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read(room)? {
            0 => break,
            n => filled += n,
        }
    }
    let start = start.get(..filled).unwrap_or_default();
    Ok(Compression::of(start) == Compression::Plain && !foundry::looks_like_csv(start))
}
