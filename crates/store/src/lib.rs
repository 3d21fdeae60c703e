//! What is kept, and how: the ports of `app` on SQLite and on PostgreSQL.
//!
//! Every statement is written once, in a subset that both databases read alike, with a
//! handful of named fragments (see `sql`). An aggregate is one row: its document, and
//! beside it the columns that filters and queues look at. Decides nothing; knows no
//! clock: `now` is always given.

mod columns;
mod cursor;
mod db;
mod engine;
mod error;
mod kept;
mod migration;
mod postgres;
mod reads;
mod sql;
mod sqlite;
mod writes;

pub use app::audit::{AuditChain, audit_hash};
pub use error::OpenError;
pub use postgres::{Postgres, PostgresOptions};
pub use sqlite::{Sqlite, SqliteOptions};
