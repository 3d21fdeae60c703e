//! What SQLite's errors mean to a caller.

use app::ports::StoreError;
use rusqlite::{Error, ErrorCode};

/// What an error means to a caller. Texts of SQLite name tables and columns, never
/// values.
pub(crate) fn meaning(error: &Error) -> StoreError {
    let text = match error {
        Error::SqliteFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(text),
        Some(ErrorCode::ConstraintViolation) => StoreError::Duplicate(text),
        _ => StoreError::Unavailable(text),
    }
}

/// Whether the disk failed to keep what it was given. After that nothing that it says
/// can be believed: a second `fsync` may succeed without the data.
pub(crate) fn is_io(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure)
}

/// What callers are told when the thread they wait for is gone.
pub(crate) fn gone() -> StoreError {
    StoreError::Unavailable("it is shutting down".to_owned())
}
