//! The one thread that writes, and how many writes share one commit.
//!
//! Whoever writes is answered after the commit that holds the write, so an answer
//! means durable. Writes that came while a commit ran go into the next one together.

use std::thread::{self, JoinHandle};

use app::ports::StoreError;
use rusqlite::Connection;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::connection::run;
use super::failure::{gone, is_io, meaning};
use super::job::{WriteJob, Written};
use crate::sql::{Batch, Otherwise, Row};

const QUEUE_MAX: usize = 1024;
/// The most batches that share one commit.
const GROUP_MAX: usize = 256;

/// The way to the writing thread.
pub(crate) struct Writer {
    queue: Option<Sender<WriteJob>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Hands the connection, and what shall live as long, to a thread of its own.
    pub(crate) fn start(db: Connection, kept: impl Send + 'static) -> Self {
        let (queue, jobs) = channel(QUEUE_MAX);
        let thread = thread::spawn(move || {
            serve(&db, jobs);
            drop(db);
            drop(kept);
        });
        Self {
            queue: Some(queue),
            thread: Some(thread),
        }
    }

    pub(crate) async fn write(&self, batch: Batch) -> Written {
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        let job = WriteJob { batch, answer };
        queue.send(job).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    /// Waits for the writes that were begun, so that the file can be opened again at
    /// once.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Ends when nobody can send any more.
fn serve(db: &Connection, mut jobs: Receiver<WriteJob>) {
    // Set once the disk failed at a commit; from then on nothing is promised.
    let mut broken: Option<StoreError> = None;
    while let Some(first) = jobs.blocking_recv() {
        let mut group = vec![first];
        while let Some(next) = (group.len() < GROUP_MAX)
            .then(|| jobs.try_recv().ok())
            .flatten()
        {
            group.push(next);
        }
        match &broken {
            Some(error) => refuse(group, error),
            None => broken = commit_group(db, group).err(),
        }
    }
}

fn refuse(group: Vec<WriteJob>, error: &StoreError) {
    for job in group {
        job.answer.send(Err(error.clone())).ok();
    }
}

/// Commits a group and answers. When the group fails as a whole, for example because
/// the disk is full, each batch gets a try of its own, for a smaller one may fit.
///
/// # Errors
/// The disk failed: the connection must not be used any more.
fn commit_group(db: &Connection, group: Vec<WriteJob>) -> Result<(), StoreError> {
    let batches: Vec<&Batch> = group.iter().map(|job| &job.batch).collect();
    let error = match attempt(db, &batches) {
        Ok(outcomes) => {
            answer(group, outcomes);
            return Ok(());
        }
        Err(error) => error,
    };
    db.execute_batch("ROLLBACK").ok();
    if is_io(&error) {
        let lost = StoreError::Unavailable(format!(
            "the disk failed ({error}); check it and start again"
        ));
        refuse(group, &lost);
        return Err(lost);
    }
    let alone = group.len() == 1 || is_busy(&error);
    if alone {
        refuse(group, &meaning(&error));
        return Ok(());
    }
    group
        .into_iter()
        .try_for_each(|job| commit_group(db, vec![job]))
}

/// Another process holds the file: waiting once for all is patience enough.
fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    code == Some(rusqlite::ErrorCode::DatabaseBusy)
}

fn answer(group: Vec<WriteJob>, outcomes: Vec<Written>) {
    for (job, outcome) in group.into_iter().zip(outcomes) {
        job.answer.send(outcome).ok();
    }
}

/// One transaction with each batch in a savepoint of its own.
///
/// # Errors
/// The transaction as a whole did not come true.
fn attempt(db: &Connection, batches: &[&Batch]) -> rusqlite::Result<Vec<Written>> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    let mut outcomes = Vec::with_capacity(batches.len());
    for batch in batches {
        db.execute_batch("SAVEPOINT batch")?;
        let outcome = match apply(db, batch) {
            Ok(outcome) => outcome,
            // A full disk and the like end the whole transaction, not only this batch.
            Err(error) if db.is_autocommit() || is_io(&error) => return Err(error),
            Err(error) => Err(meaning(&error)),
        };
        if outcome.is_err() {
            db.execute_batch("ROLLBACK TO batch")?;
        }
        db.execute_batch("RELEASE batch")?;
        outcomes.push(outcome);
    }
    db.execute_batch("COMMIT")?;
    Ok(outcomes)
}

/// Runs a batch. The outer error is the database's, the inner one a guard's.
fn apply(db: &Connection, batch: &Batch) -> rusqlite::Result<Written> {
    let mut all: Vec<Vec<Row>> = Vec::new();
    for group in &batch.0 {
        for step in group {
            let rows = run(db, &step.stmt)?;
            let none = rows.is_empty();
            all.push(rows);
            match &step.otherwise {
                Otherwise::Fail(error) if none => return Ok(Err(error.clone())),
                Otherwise::Leave if none => break,
                _ => {}
            }
        }
    }
    Ok(Ok(all))
}
