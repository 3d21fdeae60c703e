//! Reads of small named values.

use app::ports::{Idempotent, MetaReads, StoreError};
use async_trait::async_trait;
use domain::kernel::Instant;

use super::one;
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::{Batch, Step};

#[async_trait]
impl<D: Db> MetaReads for Engine<D> {
    async fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM meta WHERE name = $1";
        let row = one(&self.db, sql, vec![name.into()]).await?;
        Ok(row.and_then(|row| row.opt_text(0).map(str::to_owned)))
    }

    async fn idempotent(&self, key: &str, now: Instant) -> Result<Option<Idempotent>, StoreError> {
        let sql = "SELECT id, request, made, until_at FROM idempotent \
                   WHERE id = $1 AND until_at > $2";
        let Some(row) = one(&self.db, sql, vec![key.into(), now.into()]).await? else {
            return Ok(None);
        };
        let table = "idempotent";
        Ok(Some(Idempotent {
            key: row.text(0, table)?.to_owned(),
            request: row.text(1, table)?.to_owned(),
            made: row.text(2, table)?.to_owned(),
            until: Instant::from_micros(row.int(3, table)?),
        }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        one(&self.db, "SELECT 1", Vec::new()).await?;
        let sql = "INSERT INTO meta (name, value) VALUES ('ping', '1') \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let write = Batch::of(vec![Step::run(sql, Vec::new())]);
        self.db.write(write).await.map(drop)
    }
}
