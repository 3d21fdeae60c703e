//! What callers hand to the threads that own connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::ports::StoreError;
use tokio::sync::oneshot;

use crate::sql::{Batch, Row, Stmt};

/// What a batch gives back: the rows of each statement that ran.
pub(crate) type Written = Result<Vec<Vec<Row>>, StoreError>;

/// A batch to make true. It runs whether or not somebody still waits.
pub(crate) struct WriteJob {
    pub(crate) batch: Batch,
    pub(crate) answer: oneshot::Sender<Written>,
}

/// A statement to read with. It stops when nobody waits any more.
pub(crate) struct ReadJob {
    pub(crate) stmt: Stmt,
    pub(crate) wanted: Wanted,
    pub(crate) answer: oneshot::Sender<Result<Vec<Row>, StoreError>>,
}

/// Whether somebody still waits for a read.
#[derive(Clone)]
pub(crate) struct Wanted(Arc<AtomicBool>);

/// Held by whoever waits; dropping it lets the read stop.
pub(crate) struct Waiting(Wanted);

impl Wanted {
    pub(crate) fn new() -> (Self, Waiting) {
        let wanted = Self(Arc::new(AtomicBool::new(true)));
        (wanted.clone(), Waiting(wanted))
    }

    pub(crate) fn still(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Relaxed);
    }
}
