//! Rows of one SQLite file inserted into another, in large commits.

use std::path::Path;
use std::time::Instant as Moment;

use anyhow::Result;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{TABLES, TOGETHER};

/// Seconds that inserting takes; reading is not counted.
///
/// # Errors
/// The database's.
pub fn copied(from: &Path, to: &Path) -> Result<f64> {
    let (from, to) = (Connection::open(from)?, Connection::open(to)?);
    to.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384")?;
    let mut seconds = 0.0;
    for table in TABLES {
        seconds += one(&from, &to, table)?;
    }
    Ok(seconds)
}

fn one(from: &Connection, to: &Connection, table: &str) -> Result<f64> {
    let mut asked = from.prepare(&format!("SELECT * FROM {table} ORDER BY rowid"))?;
    let width = asked.column_count();
    let places: Vec<String> = (1..=width).map(|at| format!("?{at}")).collect();
    // What the server put there when it was set up stays.
    let sql = format!(
        "INSERT OR IGNORE INTO {table} VALUES ({})",
        places.join(", ")
    );
    let mut insert = to.prepare(&sql)?;
    let mut rows = asked.query([])?;
    let mut seconds = 0.0;
    loop {
        let mut chunk: Vec<Vec<Value>> = Vec::new();
        while (chunk.len() as u64) < TOGETHER
            && let Some(row) = rows.next()?
        {
            let values: rusqlite::Result<_> = (0..width).map(|at| row.get(at)).collect();
            chunk.push(values?);
        }
        if chunk.is_empty() {
            return Ok(seconds);
        }
        let began = Moment::now();
        to.execute_batch("BEGIN IMMEDIATE")?;
        for values in &chunk {
            insert.execute(params_from_iter(values))?;
        }
        to.execute_batch("COMMIT")?;
        seconds += began.elapsed().as_secs_f64();
    }
}
