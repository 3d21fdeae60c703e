//! Reads of the queue of instants that matter.

use std::collections::BTreeMap;

use app::ports::{Due, DueReads, StoreError};
use async_trait::async_trait;
use domain::expiry::Subject;
use domain::kernel::Instant;

use super::one;
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::{Query, Row, Stmt, list};

fn due_of(row: &Row) -> Result<Due, StoreError> {
    Ok(Due {
        at: Instant::from_micros(row.int(1, "due")?),
        subject: row.parsed(0, "due", Subject::parse)?,
    })
}

#[async_trait]
impl<D: Db> DueReads for Engine<D> {
    async fn due(
        &self,
        now: Instant,
        after: Option<&Due>,
        limit: u32,
    ) -> Result<Vec<Due>, StoreError> {
        let mut query = Query::new("SELECT subject, due_at FROM due");
        query.with("due_at <= $#", now);
        if let Some(after) = after {
            let at = query.bind(after.at);
            let subject = query.bind(after.subject.to_string());
            query.also(format!("(due_at, subject) > (${at}, ${subject})"));
        }
        let rows = self
            .db
            .read(query.ordered("due_at, subject", limit))
            .await?;
        rows.iter().map(due_of).collect()
    }

    async fn due_of(&self, subjects: &[Subject]) -> Result<Vec<Due>, StoreError> {
        let sql = "SELECT subject, due_at FROM due \
                   WHERE subject IN (SELECT l.item FROM {list:1} AS l)";
        let texts: Vec<String> = subjects.iter().map(Subject::to_string).collect();
        let named = list(texts.iter().map(String::as_str));
        let rows = self.db.read(Stmt::new(sql, vec![named])).await?;
        rows.iter().map(due_of).collect()
    }

    async fn asked(&self, subjects: &[Subject]) -> Result<BTreeMap<Subject, i64>, StoreError> {
        let sql = "SELECT subject, asked FROM due \
                   WHERE subject IN (SELECT l.item FROM {list:1} AS l)";
        let texts: Vec<String> = subjects.iter().map(Subject::to_string).collect();
        let named = list(texts.iter().map(String::as_str));
        let rows = self.db.read(Stmt::new(sql, vec![named])).await?;
        let asked = |row: &Row| Ok((row.parsed(0, "due", Subject::parse)?, row.int(1, "due")?));
        rows.iter().map(asked).collect()
    }

    async fn next_due(&self) -> Result<Option<Instant>, StoreError> {
        let row = one(&self.db, "SELECT MIN(due_at) FROM due", Vec::new()).await?;
        Ok(row.and_then(|row| row.opt_instant(0)))
    }
}
