//! Reads of what channels keep of alerts.

use app::ports::{MemoryReads, StoreError};
use async_trait::async_trait;
use domain::kernel::{AlertId, ChannelId};

use super::one;
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::Query;

#[async_trait]
impl<D: Db> MemoryReads for Engine<D> {
    async fn channel_memory(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM channel_memory WHERE channel = $1 AND alert = $2";
        let values = vec![channel.as_str().into(), alert.as_str().into()];
        let row = one(&self.db, sql, values).await?;
        Ok(row.and_then(|row| row.opt_text(0).map(str::to_owned)))
    }

    async fn channel_memories(
        &self,
        channel: &ChannelId,
        after: Option<&AlertId>,
        limit: u32,
    ) -> Result<Vec<(AlertId, String)>, StoreError> {
        let mut query = Query::new("SELECT alert, value FROM channel_memory");
        query.with("channel = $#", channel.as_str());
        if let Some(after) = after {
            query.with("alert > $#", after.as_str());
        }
        let rows = self.db.read(query.ordered("alert", limit)).await?;
        let table = "channel_memory";
        let each = rows.iter().map(|row| {
            let alert = row.parsed(0, table, |id| AlertId::parse(id))?;
            Ok((alert, row.text(1, table)?.to_owned()))
        });
        each.collect()
    }
}
