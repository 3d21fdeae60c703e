//! The content of one log file: off the wire, out of its compression, into observations,
//! with a few pieces in memory at any time.
//!
//! Reading and undoing a compression block, so they have a thread of their own; pieces
//! reach it over a short channel, and observations come back over another. Whoever is
//! slower is waited for.

use std::io::{self, Read};

use app::ports::ConnectorError;
use bytes::{Buf as _, Bytes};
use egress::{EgressError, Streamed};
use foundry::{Counts, Tail};
use tokio::sync::mpsc;

use super::client::{Refused, failed};
use crate::foundry::observe::{FoundryEvents, Told};

/// Pieces that may wait.
const PIECES: usize = 4;
/// Observations handed on at once.
const BATCH: usize = 500;

/// A part of what a file tells.
pub(super) enum Part {
    /// Observations, and whom each names as owner.
    Told(Vec<Told>),
    /// The end of the file; nothing follows.
    End(End),
}

/// How a file ended.
#[derive(Debug)]
pub(super) struct End {
    /// What became of its lines.
    pub(super) counts: Counts,
    /// Its compression ends too early or is damaged, though all of it came.
    pub(super) broken: bool,
}

/// A file that is being read.
pub(super) struct Reading {
    parts: mpsc::Receiver<Part>,
    wire: tokio::task::JoinHandle<Result<(), EgressError>>,
    work: tokio::task::JoinHandle<io::Result<End>>,
}

/// Starts to read.
pub(super) fn open(answer: Streamed, events: FoundryEvents) -> Reading {
    let (pieces, received) = mpsc::channel(PIECES);
    let (told, parts) = mpsc::channel(1);
    Reading {
        parts,
        wire: tokio::spawn(carry(answer, pieces)),
        work: tokio::task::spawn_blocking(move || work(Pieces::from(received), &events, &told)),
    }
}

impl Reading {
    /// The next part.
    ///
    /// # Errors
    /// The answer broke off, or the reader did; what came before still counts.
    pub(super) async fn next(&mut self) -> Result<Part, Refused> {
        if let Some(part) = self.parts.recv().await {
            return Ok(part);
        }
        let stopped = |error: &dyn std::fmt::Display| {
            Refused::Failed(ConnectorError::Unreadable(format!(
                "the reader stopped: {error}"
            )))
        };
        let wire = (&mut self.wire).await.map_err(|e| stopped(&e))?;
        let work = (&mut self.work).await.map_err(|e| stopped(&e))?;
        match (wire, work) {
            // What breaks off looks to the reader like a file that ends too early.
            (Err(error), _) => Err(failed(error)),
            (Ok(()), Ok(end)) => Ok(Part::End(end)),
            (Ok(()), Err(error)) => Err(stopped(&error)),
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.wire.abort();
    }
}

/// Carries pieces to the thread, for as long as it takes them.
async fn carry(mut answer: Streamed, pieces: mpsc::Sender<Bytes>) -> Result<(), EgressError> {
    while let Some(piece) = answer.chunk().await? {
        if pieces.send(piece).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn work(pieces: Pieces, events: &FoundryEvents, parts: &mpsc::Sender<Part>) -> io::Result<End> {
    let (inside, _) = foundry::decompress(pieces)?;
    let mut waiting: Vec<Told> = Vec::new();
    let outcome = foundry::scan(inside, Tail::Read, |told| {
        waiting.extend(events.told(told));
        if waiting.len() >= BATCH {
            // Nobody takes it any more when the read was given up.
            drop(parts.blocking_send(Part::Told(std::mem::take(&mut waiting))));
        }
    });
    if !waiting.is_empty() {
        drop(parts.blocking_send(Part::Told(waiting)));
    }
    match outcome {
        Ok(outcome) => Ok(End {
            counts: outcome.counts,
            broken: outcome.broken.is_some(),
        }),
        // Not even its first line could be unpacked.
        Err(error) if error.get_ref().is_some_and(|e| e.is::<foundry::Undone>()) => Ok(End {
            counts: Counts::default(),
            broken: true,
        }),
        Err(error) => Err(error),
    }
}

/// The pieces as one reader.
struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl From<mpsc::Receiver<Bytes>> for Pieces {
    fn from(receiver: mpsc::Receiver<Bytes>) -> Self {
        Self {
            receiver,
            piece: Bytes::new(),
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let count = self.piece.len().min(buffer.len());
        self.piece
            .copy_to_slice(buffer.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}
