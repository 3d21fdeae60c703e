//! Why a store cannot be opened.

use std::path::PathBuf;

/// Why a store cannot be opened. Never holds a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server holds the lock file beside the database.
    #[error(
        "another server already uses the database {}; stop it first, or give this one a data directory of its own (--data)", .0.display()
    )]
    InUse(PathBuf),
    /// The schema was made by a newer version.
    #[error(
        "the database has schema version {found}, this program knows up to {known}; run the newer version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// The version in the database.
        found: i64,
        /// The newest version of this program.
        known: i64,
    },
    /// A migration that was already applied differs from the one in this program.
    #[error(
        "migration {0} of the database is not the one of this program; run the version that made the database"
    )]
    Foreign(i64),
    /// The file cannot be opened, or is no database of ours.
    #[error("the database {} cannot be opened: {reason}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The address of a PostgreSQL database cannot be read.
    #[error("the database address cannot be used: {0}")]
    Address(String),
    /// PostgreSQL cannot be reached or refuses.
    #[error("PostgreSQL at {at} cannot be used: {reason}")]
    Server {
        /// Host and port, or the folder of its socket.
        at: String,
        /// What went wrong.
        reason: String,
    },
}
