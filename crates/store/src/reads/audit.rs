//! Reads of the audit log.

use app::ports::{AuditEntry, AuditFilter, AuditReads, AuditRow, Page, PageRequest, StoreError};
use async_trait::async_trait;
use domain::kernel::Instant;

use super::one;
use crate::cursor::{cut, open, rows_wanted, seal};
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::{Query, Row};

const LIST: &str = "audit";
const SELECT: &str = "SELECT number, at, actor, action, target, details, hash FROM audit";

fn audit_of(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        number: row.int(0, LIST)?,
        entry: AuditEntry {
            at: Instant::from_micros(row.int(1, LIST)?),
            actor: row.text(2, LIST)?.to_owned(),
            action: row.text(3, LIST)?.to_owned(),
            target: row.text(4, LIST)?.to_owned(),
            details: row.doc(5, LIST)?,
        },
        hash: row.opt_text(6).map(str::to_owned),
    })
}

/// Whether there is anything to link; asked first, for settling makes writers wait.
pub(crate) async fn has_unchained(db: &impl Db) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM audit WHERE hash IS NULL LIMIT 1";
    Ok(one(db, sql, Vec::new()).await?.is_some())
}

/// The hash that the next link begins with, and the oldest rows that have none, up to
/// the number given.
pub(crate) async fn unchained(
    db: &impl Db,
    settled: i64,
    limit: u32,
) -> Result<(String, Vec<AuditRow>), StoreError> {
    let mut query = Query::new(SELECT);
    query.also("hash IS NULL");
    query.with("number <= $#", settled);
    let rows = db.read(query.ordered("number", limit)).await?;
    let rows: Vec<AuditRow> = rows.iter().map(audit_of).collect::<Result<_, _>>()?;
    let Some(first) = rows.first() else {
        return Ok((String::new(), rows));
    };
    let sql = "SELECT hash FROM audit WHERE number < $1 ORDER BY number DESC LIMIT 1";
    let tip = one(db, sql, vec![first.number.into()]).await?;
    let before = tip.and_then(|row| row.opt_text(0).map(str::to_owned));
    Ok((before.unwrap_or_default(), rows))
}

/// Adds a condition for each field that narrows.
fn conditions(query: &mut Query, filter: &AuditFilter) {
    let any: Vec<String> = filter
        .actors
        .iter()
        .map(|actor| format!("{{position}}(actor, ${}) > 0", query.bind(actor.as_str())))
        .collect();
    if !any.is_empty() {
        query.also(any.join(" OR "));
    }
    query.when("{position}(action, $#) = 1", filter.action.as_deref());
    query.when("{position}(target, $#) > 0", filter.target.as_deref());
    query.when("at >= $#", filter.from);
    query.when("at < $#", filter.until);
}

#[async_trait]
impl<D: Db> AuditReads for Engine<D> {
    async fn audit(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditRow>, StoreError> {
        let mut query = Query::new(SELECT);
        conditions(&mut query, filter);
        if let Some(cursor) = &page.after {
            query.with("number < $#", open::<i64>(LIST, cursor)?.0);
        }
        let stmt = query.ordered("number DESC", rows_wanted(page));
        let rows = self.db.read(stmt).await?;
        let rows: Result<Vec<_>, _> = rows.iter().map(audit_of).collect();
        Ok(cut(rows?, page, |last| seal(LIST, &last.number, "")))
    }

    async fn audit_after(&self, number: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let mut query = Query::new(SELECT);
        query.with("number > $#", number);
        let rows = self.db.read(query.ordered("number", limit)).await?;
        rows.iter().map(audit_of).collect()
    }
}
