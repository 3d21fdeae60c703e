//! The one thread that writes, and how many writes share one commit.
//!
//! Whoever writes is answered after the commit that holds the write, so an answer
//! means durable. Writes that came while a commit ran go into the next one together.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use app::ports::StoreError;
use rusqlite::Connection;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::connection::{run, steer};
use super::failure::{gone, is_io, meaning};
use super::job::{WriteJob, Written};
use crate::sql::{Batch, Otherwise, Row};

const QUEUE_MAX: usize = 1024;
/// The most batches that share one commit.
const GROUP_MAX: usize = 256;
/// How often it is looked, at most, whether more came, and how long apart.
const LOOKS: usize = 32;
const LOOK: Duration = Duration::from_micros(200);
/// From so many steps on a batch has a commit of its own: it needs no savepoint then, and
/// what a savepoint keeps SQLite goes through again after each step.
const LARGE: usize = 64;

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
    let mut last = 1;
    while let Some(first) = jobs.blocking_recv() {
        let group = gather(first, &mut jobs, last);
        last = group.len();
        for part in parted(group) {
            match &broken {
                Some(error) => refuse(part, error),
                None => broken = commit_group(db, part).err(),
            }
        }
    }
}

/// What shares the next commit. When several came together the last time, their next writes
/// are on their way now: those who were just answered are waited for as long as each look
/// finds more, so that a commit serves all of them and not the first alone.
fn gather(first: WriteJob, jobs: &mut Receiver<WriteJob>, last: usize) -> Vec<WriteJob> {
    let mut group = vec![first];
    for look in 0..LOOKS {
        let before = group.len();
        while group.len() < GROUP_MAX
            && let Ok(next) = jobs.try_recv()
        {
            group.push(next);
        }
        if group.len() >= last.min(GROUP_MAX) || (look > 0 && group.len() == before) {
            break;
        }
        thread::sleep(LOOK);
    }
    group
}

/// In the same order, but large batches each for themselves.
fn parted(group: Vec<WriteJob>) -> Vec<Vec<WriteJob>> {
    let mut parts: Vec<Vec<WriteJob>> = Vec::new();
    let mut together = false;
    for job in group {
        let large = job.batch.len() >= LARGE;
        match parts.last_mut().filter(|_| together && !large) {
            Some(part) => part.push(job),
            None => parts.push(vec![job]),
        }
        together = !large;
    }
    parts
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
    steer(db, "ROLLBACK").ok();
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

/// One transaction.
///
/// # Errors
/// The transaction as a whole did not come true.
fn attempt(db: &Connection, batches: &[&Batch]) -> rusqlite::Result<Vec<Written>> {
    if let Some(outcomes) = all_of_them(db, batches)? {
        return Ok(outcomes);
    }
    steer(db, "BEGIN IMMEDIATE")?;
    let outcomes = each(db, batches)?;
    steer(db, "COMMIT")?;
    Ok(outcomes)
}

/// As if none of them could fail, which is how it nearly always is: what a savepoint keeps
/// costs as much as all that is written. `None` when one of several failed and nothing was
/// kept, so that each has to be tried for itself.
fn all_of_them(db: &Connection, batches: &[&Batch]) -> rusqlite::Result<Option<Vec<Written>>> {
    steer(db, "BEGIN IMMEDIATE")?;
    let mut outcomes = Vec::with_capacity(batches.len());
    for batch in batches {
        let outcome = tried(db, batch)?;
        let failed = outcome.is_err();
        outcomes.push(outcome);
        if failed {
            steer(db, "ROLLBACK")?;
            return Ok((batches.len() == 1).then_some(outcomes));
        }
    }
    steer(db, "COMMIT")?;
    Ok(Some(outcomes))
}

/// Each batch in a savepoint of its own.
fn each(db: &Connection, batches: &[&Batch]) -> rusqlite::Result<Vec<Written>> {
    let mut outcomes = Vec::with_capacity(batches.len());
    for batch in batches {
        steer(db, "SAVEPOINT batch")?;
        let outcome = tried(db, batch)?;
        if outcome.is_err() {
            steer(db, "ROLLBACK TO batch")?;
        }
        steer(db, "RELEASE batch")?;
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// What became of a batch, or why the whole transaction cannot come true.
fn tried(db: &Connection, batch: &Batch) -> rusqlite::Result<Written> {
    match apply(db, batch) {
        Ok(outcome) => Ok(outcome),
        // A full disk and the like end the whole transaction, not only this batch.
        Err(error) if db.is_autocommit() || is_io(&error) => Err(error),
        Err(error) => Ok(Err(meaning(&error))),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Step;
    use crate::sqlite::connection::writing;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const PATIENCE: Duration = Duration::from_millis(50);

    fn fresh(path: &Path, patience: Duration) -> Connection {
        std::fs::File::create_new(path).unwrap();
        let db = writing(path, patience, true).unwrap();
        db.execute_batch("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT) STRICT")
            .unwrap();
        db
    }

    fn keep(id: i64, bytes: usize) -> Batch {
        let sql = "INSERT INTO kept (id, text) VALUES ($1, $2)";
        let text = "x".repeat(bytes);
        Batch::of(vec![Step::run(sql, vec![id.into(), text.into()])])
    }

    fn count(db: &Connection) -> i64 {
        db.query_row("SELECT count(*) FROM kept", [], |row| row.get(0))
            .unwrap()
    }

    #[tokio::test]
    async fn what_was_answered_is_seen_by_everybody_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = Writer::start(fresh(&path, PATIENCE), ());
        let other = Connection::open(&path).unwrap();
        for id in 0..20 {
            writer.write(keep(id, 10)).await.unwrap();
            assert_eq!(count(&other), id + 1);
        }
    }

    /// F12: while another process holds the file, waiting is bounded, nobody is told of
    /// a success, and afterwards everything works again.
    #[tokio::test]
    async fn a_file_that_another_process_holds_is_waited_for_within_bounds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = Writer::start(fresh(&path, PATIENCE), ());
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        for id in 0..3 {
            let refused = writer.write(keep(id, 10)).await;
            assert!(
                matches!(refused, Err(StoreError::Unavailable(_))),
                "{refused:?}"
            );
        }
        other.execute_batch("ROLLBACK").unwrap();
        writer.write(keep(0, 10)).await.unwrap();
        assert_eq!(count(&other), 1);
    }

    #[tokio::test]
    async fn writes_that_came_while_a_commit_waited_share_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let mut db = fresh(&path, Duration::from_secs(30));
        let commits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&commits);
        let hook = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            false
        };
        db.commit_hook(Some(hook)).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let writer = Arc::new(Writer::start(db, ()));
        let writes = (0..100).map(|id| writer.write(keep(id, 10)));
        let all = futures_util::future::join_all(writes);
        let release = async { other.execute_batch("ROLLBACK").unwrap() };
        // The writes are all sent before the lock is let go.
        let (outcomes, ()) = tokio::join!(all, release);
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(count(&other), 100);
        assert!(commits.load(Ordering::SeqCst) <= 3, "{commits:?}");
    }

    /// A large batch shares no commit, keeps its turn, and takes back only itself.
    #[tokio::test]
    async fn a_large_batch_between_small_ones_comes_true_or_not_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = Writer::start(fresh(&path, PATIENCE), ());
        let large = i64::try_from(LARGE).unwrap();
        let many = |from: i64, steps: i64| {
            let steps = (from..from + steps).flat_map(|id| keep(id, 10).0.concat());
            Batch::of(steps.collect())
        };
        let mut refused = many(1_000, large);
        let never = "UPDATE kept SET text = 'x' WHERE id = $1 RETURNING 1";
        let guard = Step::or_conflict(never, vec![(-1_i64).into()], "a row");
        refused.0.push(vec![guard]);
        let taken = "UPDATE kept SET text = 'last' WHERE id = $1 RETURNING 1";
        let batches = [
            keep(0, 10),
            many(1, large - 1),
            many(100, large),
            refused,
            Batch::of(vec![Step::or_conflict(
                taken,
                vec![100_i64.into()],
                "a row",
            )]),
        ];
        let writes = batches.map(|batch| writer.write(batch));
        let outcomes = futures_util::future::join_all(writes).await;
        let come_true: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(come_true, [true, true, true, false, true], "{outcomes:?}");
        assert!(matches!(outcomes[3], Err(StoreError::Conflict(_))));
        assert_eq!(count(&Connection::open(&path).unwrap()), 2 * large);
    }

    /// A full disk refuses what does not fit, says so, and takes nothing of the rest.
    #[tokio::test]
    async fn on_a_full_disk_what_fits_is_kept_and_what_does_not_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let db = fresh(&path, PATIENCE);
        db.pragma_update(None, "max_page_count", 20).unwrap();
        let writer = Writer::start(db, ());
        let sizes = [10, 1_000_000, 20, 1_000_000, 30];
        let writes = (0_i64..)
            .zip(sizes)
            .map(|(id, size)| writer.write(keep(id, size)));
        let outcomes = futures_util::future::join_all(writes).await;
        for (outcome, size) in outcomes.iter().zip(sizes) {
            match size {
                1_000_000 => assert!(matches!(outcome, Err(StoreError::Full(_))), "{outcome:?}"),
                _ => assert!(outcome.is_ok(), "{outcome:?}"),
            }
        }
        assert_eq!(count(&Connection::open(&path).unwrap()), 3);
    }

    #[tokio::test]
    async fn dropping_the_writer_finishes_what_was_begun() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = Writer::start(fresh(&path, PATIENCE), ());
        let (answer, _) = oneshot::channel();
        let batch = keep(1, 10);
        let job = WriteJob { batch, answer };
        writer.queue.as_ref().unwrap().send(job).await.ok().unwrap();
        drop(writer);
        assert_eq!(count(&Connection::open(&path).unwrap()), 1);
    }
}
