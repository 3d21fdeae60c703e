//! What PostgreSQL's errors mean to a caller.

use std::error::Error as _;

use app::ports::StoreError;
use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// What an error means to a caller. Messages name tables and constraints; the detail,
/// which may hold values, is left out.
pub(crate) fn meaning(error: &Error) -> StoreError {
    match error.code() {
        Some(code) if *code == SqlState::DISK_FULL => StoreError::Full(text(error)),
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => StoreError::Duplicate(text(error)),
        _ => StoreError::Unavailable(text(error)),
    }
}

/// Whether the connection is of no use any more, by its own account or the server's.
pub(crate) fn is_dead(error: &Error) -> bool {
    let ended = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::IDLE_SESSION_TIMEOUT,
    ];
    error.is_closed() || error.code().is_some_and(|code| ended.contains(code))
}

/// The message of the server, or of whatever lies between.
pub(crate) fn text(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(told), _) => told.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

/// Whether the same transaction may well succeed when tried again.
pub(crate) fn is_transient(error: &Error) -> bool {
    let again = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
    error.code().is_some_and(|code| again.contains(code))
}

/// Why no connection could be had.
pub(crate) fn no_connection(error: &PoolError) -> StoreError {
    StoreError::Unavailable(pool_text(error))
}

/// The same as a text.
pub(crate) fn pool_text(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) => text(error),
        PoolError::Timeout(_) => "no connection could be had in time".to_owned(),
        other => other.to_string(),
    }
}
