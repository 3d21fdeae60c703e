//! What a database must be able to do; everything above it is written once.

use std::path::Path;

use app::ports::StoreError;
use async_trait::async_trait;

use crate::sql::{Batch, Row, Stmt};

/// A database that reads our one dialect.
#[async_trait]
pub(crate) trait Db: Send + Sync + 'static {
    /// Whether other processes may write to it while we do.
    const SHARED: bool;

    /// Rows as they stand; sees every write that was answered before the call.
    async fn read(&self, stmt: Stmt) -> Result<Vec<Row>, StoreError>;

    /// Makes a batch true, durably, or nothing of it; gives back the rows of each
    /// statement that ran. Goes on to its end even if the caller stops waiting.
    async fn write(&self, batch: Batch) -> Result<Vec<Vec<Row>>, StoreError>;

    /// The same where nobody asks for rows, so that many can go into one statement.
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.write(batch).await.map(drop)
    }

    /// Waits until every audit row up to some number is visible or will never be, and
    /// gives that number; later rows get higher ones.
    async fn settle_audit(&self) -> Result<i64, StoreError>;

    /// A consistent copy in a new file.
    async fn backup(&self, to: &Path) -> Result<(), StoreError>;
}
