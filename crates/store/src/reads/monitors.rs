//! Reads of monitors.

use app::ports::{MonitorReads, StoreError};
use async_trait::async_trait;
use domain::inventory::{Monitor, PingKey};
use domain::kernel::MonitorId;
use domain::people::Owner;

use super::one;
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::{Row, Stmt, list};

const TABLE: &str = "monitors";

/// A monitor from its id, document and what was heard of it.
fn monitor_of(row: &Row) -> Result<Monitor, StoreError> {
    let mut monitor: Monitor = row.doc(1, TABLE)?;
    monitor.last_ping_at = row.opt_instant(2);
    monitor.failed_at = row.opt_instant(3);
    monitor.pings = u64::try_from(row.int(4, TABLE)?).unwrap_or(0);
    Ok(monitor)
}

#[async_trait]
impl<D: Db> MonitorReads for Engine<D> {
    async fn monitors(&self) -> Result<Vec<Monitor>, StoreError> {
        let sql = "SELECT id, doc, last_ping_at, failed_at, pings FROM monitors ORDER BY id";
        let rows = self.db.read(Stmt::new(sql, Vec::new())).await?;
        rows.iter().map(monitor_of).collect()
    }

    async fn count_monitors(&self, owner: Option<&Owner>) -> Result<u64, StoreError> {
        // A name inside the document cannot pass for this: its quotes are escaped.
        let (sql, told) = match owner {
            None => ("SELECT count(*) FROM monitors", Vec::new()),
            Some(owner) => (
                "SELECT count(*) FROM monitors WHERE {position}(doc, $1) > 0",
                vec![format!("\"owner\":\"{owner}\"").into()],
            ),
        };
        let row = one(&self.db, sql, told).await?;
        let count = row.map(|row| row.int(0, TABLE)).transpose()?;
        Ok(u64::try_from(count.unwrap_or(0)).unwrap_or(0))
    }

    async fn monitors_of(&self, ids: &[MonitorId]) -> Result<Vec<Monitor>, StoreError> {
        let sql = "SELECT id, doc, last_ping_at, failed_at, pings FROM monitors \
                   WHERE id IN (SELECT l.item FROM {list:1} AS l)";
        let ids = list(ids.iter().map(MonitorId::as_str));
        let rows = self.db.read(Stmt::new(sql, vec![ids])).await?;
        rows.iter().map(monitor_of).collect()
    }

    async fn monitor(&self, id: &MonitorId) -> Result<Option<Monitor>, StoreError> {
        let sql = "SELECT id, doc, last_ping_at, failed_at, pings FROM monitors WHERE id = $1";
        let row = one(&self.db, sql, vec![id.as_str().into()]).await?;
        row.as_ref().map(monitor_of).transpose()
    }

    async fn monitor_of_key(&self, key: &PingKey) -> Result<Option<MonitorId>, StoreError> {
        let sql = "SELECT id FROM monitors WHERE ping_key = $1";
        let row = one(&self.db, sql, vec![key.expose().into()]).await?;
        row.map(|row| row.parsed(0, TABLE, |id| MonitorId::parse(id)))
            .transpose()
    }
}
