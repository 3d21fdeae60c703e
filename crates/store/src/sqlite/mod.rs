//! SQLite: one writer with group commit, a few readers, one server a file.

mod backup;
mod connection;
mod failure;
mod job;
mod lock;
mod migrate;
mod open;
mod readers;
mod writer;

pub use open::{Sqlite, SqliteOptions};
