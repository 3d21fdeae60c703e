//! Brings a SQLite database to the schema of this program.

use rusqlite::{Connection, params};

use crate::error::OpenError;
use crate::migration::{APPLIED, Migration, REMEMBER, TABLE, missing};
use crate::sql::{Dialect, render};

/// Applies what is missing, each migration in one transaction.
pub(crate) fn migrate(
    db: &Connection,
    cannot: &dyn Fn(rusqlite::Error) -> OpenError,
) -> Result<(), OpenError> {
    db.execute_batch(&render(TABLE, Dialect::Sqlite))
        .map_err(cannot)?;
    for migration in missing(&applied(db).map_err(cannot)?)? {
        apply(db, migration).map_err(cannot)?;
    }
    Ok(())
}

fn applied(db: &Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut stmt = db.prepare(APPLIED)?;
    let rows = stmt.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn apply(db: &Connection, migration: &Migration) -> rusqlite::Result<()> {
    // Dropped without a commit it is rolled back.
    let unit = rusqlite::Transaction::new_unchecked(db, rusqlite::TransactionBehavior::Immediate)?;
    unit.execute_batch(&migration.sql(Dialect::Sqlite))?;
    let values = params![migration.version, migration.name, migration.sha256()];
    unit.execute(&render(REMEMBER, Dialect::Sqlite), values)?;
    unit.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::ALL;

    fn open(path: &std::path::Path) -> Connection {
        let db = Connection::open(path).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        db
    }

    fn tables(db: &Connection) -> i64 {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn cannot(error: rusqlite::Error) -> OpenError {
        OpenError::Address(error.to_string())
    }

    /// F5: killed at any statement of a migration, a restart completes it.
    #[test]
    fn a_migration_cut_off_at_any_statement_is_completed_at_the_next_start() {
        let whole = Connection::open_in_memory().unwrap();
        migrate(&whole, &cannot).unwrap();
        let text = ALL[0].sql(Dialect::Sqlite);
        let statements: Vec<&str> = text.split_inclusive(";\n").collect();
        for cut in 0..=statements.len() {
            let dir = tempfile::tempdir().unwrap();
            let (before, after) = (dir.path().join("a.db"), dir.path().join("b.db"));
            let db = open(&before);
            db.execute_batch(&render(TABLE, Dialect::Sqlite)).unwrap();
            db.execute_batch("BEGIN IMMEDIATE").unwrap();
            for statement in &statements[..cut] {
                db.execute_batch(statement).unwrap();
            }
            // What a killed process leaves behind: its files as they are now.
            std::fs::copy(&before, &after).unwrap();
            std::fs::copy(dir.path().join("a.db-wal"), dir.path().join("b.db-wal")).unwrap();
            let restarted = open(&after);
            assert_eq!(tables(&restarted), 1, "cut at {cut}");
            migrate(&restarted, &cannot).unwrap();
            assert_eq!(tables(&restarted), tables(&whole));
        }
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let db = Connection::open_in_memory().unwrap();
        migrate(&db, &cannot).unwrap();
        migrate(&db, &cannot).unwrap();
        assert_eq!(applied(&db).unwrap().len(), ALL.len());
    }
}
