//! A few threads that only read.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use app::ports::StoreError;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::connection::{reading, run};
use super::failure::{gone, meaning};
use super::job::{ReadJob, Wanted};
use crate::sql::{Row, Stmt};

const QUEUE_MAX: usize = 4096;
/// How many steps of SQLite's machine lie between two looks at whether anybody waits.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// The way to the reading threads.
pub(crate) struct Readers {
    queue: SyncSender<ReadJob>,
}

impl Readers {
    /// Opens `count` connections, each with a thread.
    pub(crate) fn start(path: &Path, count: usize, patience: Duration) -> rusqlite::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..count.max(1) {
            let db = reading(path, patience)?;
            let jobs = Arc::clone(&jobs);
            thread::spawn(move || serve(db, &jobs));
        }
        Ok(Self { queue })
    }

    pub(crate) async fn read(&self, stmt: Stmt) -> Result<Vec<Row>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let (wanted, _waiting) = Wanted::new();
        let job = ReadJob {
            stmt,
            wanted,
            answer,
        };
        match self.queue.try_send(job) {
            Ok(()) => answered.await.map_err(|_| gone())?,
            Err(TrySendError::Full(_)) => Err(StoreError::Unavailable(
                "too many reads wait already".to_owned(),
            )),
            Err(TrySendError::Disconnected(_)) => Err(gone()),
        }
    }
}

fn serve(mut db: Connection, jobs: &Mutex<Receiver<ReadJob>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if job.wanted.still() {
            let rows = read(&mut db, &job);
            if job.stmt.passing {
                // Else a start over a million tokens leaves each cache full of them.
                db.release_memory().ok();
            }
            // Whoever asked may be gone by now.
            job.answer.send(rows).ok();
        }
    }
}

fn read(db: &mut Connection, job: &ReadJob) -> Result<Vec<Row>, StoreError> {
    let wanted = job.wanted.clone();
    let nobody_waits = move || !wanted.still();
    db.progress_handler(STEPS_BETWEEN_LOOKS, Some(nobody_waits))
        .map_err(|e| meaning(&e))?;
    run(db, &job.stmt).map_err(|e| match e.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => gone(),
        _ => meaning(&e),
    })
}
