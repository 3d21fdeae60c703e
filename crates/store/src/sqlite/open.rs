//! Opens a SQLite file as a store.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::ports::{Store, StoreError};
use async_trait::async_trait;

use super::readers::Readers;
use super::writer::Writer;
use super::{backup, connection, lock, migrate};
use crate::db::Db;
use crate::engine::Engine;
use crate::error::OpenError;
use crate::sql::{Batch, Row, Stmt};

/// A store in one file.
pub struct Sqlite {
    path: PathBuf,
    patience: Duration,
    readers: Readers,
    writer: Writer,
}

/// How a file is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How long to wait for a file that another process holds.
    pub patience: Duration,
    /// How many reads run at once.
    pub readers: usize,
    /// Whether a commit outlives a power loss; false only for data that is thrown away.
    pub durable: bool,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(5),
            readers: 3,
            durable: true,
        }
    }
}

impl Sqlite {
    /// Copies the database at `from` into the new file `to` as it stands at one moment,
    /// also while a server works on it. Migrates nothing, makes nothing but the copy.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if one of them cannot be read or made.
    pub fn copy(from: &Path, to: &Path, patience: Duration) -> Result<(), StoreError> {
        backup::copy(from, to, patience)
    }

    /// Opens the file, makes it (mode 0600) if it is missing, and brings its schema up
    /// to date. The folder must exist. Holds a lock beside the file until dropped.
    ///
    /// # Errors
    /// Another server uses it, it is newer than this program, or it cannot be opened.
    pub fn open(path: &Path, options: &SqliteOptions) -> Result<Arc<dyn Store>, OpenError> {
        Self::open_keeping(path, options, ())
    }

    /// A store in a folder of its own that is gone when the store is dropped; for tests
    /// and demonstrations.
    ///
    /// # Errors
    /// No temporary folder can be made.
    pub fn temporary() -> Result<Arc<dyn Store>, OpenError> {
        let folder = tempfile::Builder::new().prefix("forewarn-").tempdir();
        let folder = folder.map_err(|e| OpenError::File {
            path: std::env::temp_dir(),
            reason: e.to_string(),
        })?;
        let options = SqliteOptions {
            durable: false,
            ..SqliteOptions::default()
        };
        let path = folder.path().join("forewarn.db");
        Self::open_keeping(&path, &options, folder)
    }

    fn open_keeping(
        path: &Path,
        options: &SqliteOptions,
        kept: impl Send + 'static,
    ) -> Result<Arc<dyn Store>, OpenError> {
        let cannot = |e: rusqlite::Error| file_error(path, &e);
        let lock = lock::take(path)?;
        create(path)?;
        let db = connection::writing(path, options.patience, options.durable).map_err(cannot)?;
        migrate::migrate(&db, &cannot)?;
        let readers = Readers::start(path, options.readers, options.patience).map_err(cannot)?;
        Ok(Arc::new(Engine::new(Self {
            path: path.to_owned(),
            patience: options.patience,
            readers,
            writer: Writer::start(db, (lock, kept)),
        })))
    }
}

fn file_error(path: &Path, error: &rusqlite::Error) -> OpenError {
    OpenError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// Makes the file if it is missing, for its owner only; SQLite gives its companion
/// files the same mode.
fn create(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    lock::private(&mut options);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(e) => Err(OpenError::File {
            path: path.to_owned(),
            reason: e.to_string(),
        }),
    }
}

#[async_trait]
impl Db for Sqlite {
    // The lock file keeps others out.
    const SHARED: bool = false;

    async fn read(&self, stmt: Stmt) -> Result<Vec<Row>, StoreError> {
        self.readers.read(stmt).await
    }

    async fn write(&self, batch: Batch) -> Result<Vec<Vec<Row>>, StoreError> {
        self.writer.write(batch).await
    }

    /// One writer: numbers become visible in their order.
    async fn settle_audit(&self) -> Result<i64, StoreError> {
        Ok(i64::MAX)
    }

    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let (from, to, patience) = (self.path.clone(), to.to_owned(), self.patience);
        let copied = tokio::task::spawn_blocking(move || backup::copy(&from, &to, patience));
        copied.await.map_err(|_| super::failure::gone())?
    }
}
