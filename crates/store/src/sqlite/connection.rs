//! Connections as we want them, and how a statement runs on one.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};

use crate::sql::{Cell, Dialect, Row, Stmt, Value, rendered};

const STATEMENTS_KEPT: usize = 128;
/// Pages that each connection keeps, in KiB; with SQLite's own 2 MiB a sweep over a hundred
/// thousand alerts spent a third of its time reading the same ones again.
const CACHE_KIB: i64 = 16 * 1024;

/// The one connection that writes.
pub(crate) fn writing(
    path: &Path,
    patience: Duration,
    durable: bool,
) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    prepare(&db, patience)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", if durable { "FULL" } else { "OFF" })?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    db.pragma_update(None, "journal_size_limit", 64 << 20)?;
    Ok(db)
}

/// A connection that cannot write.
pub(crate) fn reading(path: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    prepare(&db, patience)?;
    db.pragma_update(None, "query_only", "ON")?;
    Ok(db)
}

fn prepare(db: &Connection, patience: Duration) -> rusqlite::Result<()> {
    db.busy_timeout(patience)?;
    db.pragma_update(None, "trusted_schema", "OFF")?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // Else every statement with `LIMIT $n` is parsed and planned anew for each number.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

/// Runs a word that steers transactions; there are as many as commits, so they are parsed once.
pub(crate) fn steer(db: &Connection, word: &str) -> rusqlite::Result<()> {
    db.prepare_cached(word)?.execute([]).map(drop)
}

/// Runs one statement to its end.
pub(crate) fn run(db: &Connection, stmt: &Stmt) -> rusqlite::Result<Vec<Row>> {
    let mut prepared = db.prepare_cached(&rendered(&stmt.sql, Dialect::Sqlite))?;
    let width = prepared.column_count();
    let mut rows = prepared.query(rusqlite::params_from_iter(&stmt.values))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let cells: rusqlite::Result<Vec<Cell>> =
            (0..width).map(|at| row.get_ref(at).map(cell)).collect();
        out.push(Row(cells?));
    }
    Ok(out)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        // Tables are strict and hold neither; a reader will call the row corrupt.
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Cell::Null,
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Int(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
            Self::Bool(flag) => flag.to_sql(),
            Self::Ints(_) | Self::Texts(_) | Self::Bools(_) => Err(
                rusqlite::Error::ToSqlConversionFailure("SQLite has no lists of values".into()),
            ),
        }
    }
}
