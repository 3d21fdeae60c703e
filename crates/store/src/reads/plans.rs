//! What SQLite means to do with a statement, for tests that hold it to an index.

use crate::sql::{Dialect, render};
use crate::{Sqlite, SqliteOptions};

/// The steps of the plan over an empty store, as SQLite words them.
pub(super) fn plan(sql: &str, values: impl rusqlite::Params) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("forewarn.db");
    drop(Sqlite::open(&path, &SqliteOptions::default()).unwrap());
    let db = rusqlite::Connection::open(&path).unwrap();
    let sql = format!("EXPLAIN QUERY PLAN {}", render(sql, Dialect::Sqlite));
    let mut plan = db.prepare(&sql).unwrap();
    let steps = plan.query_map(values, |row| row.get::<_, String>(3));
    steps.unwrap().map(Result::unwrap).collect()
}
