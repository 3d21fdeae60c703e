//! The store itself, over whichever database.

use std::collections::BTreeMap;
use std::path::Path;

use app::ports::{Changes, Claim, Pinged, Store, StoreError, Usage};
use async_trait::async_trait;
use domain::access::Role;
use domain::kernel::{Instant, RoleName};
use domain::notice::Message;
use domain::people::Directory;

use crate::db::Db;
use crate::kept::Kept;
use crate::sql::Row;
use crate::{reads, writes};

/// How many rows of a kind one commit removes: others shall not wait long.
const PRUNED_AT_ONCE: u32 = 1000;

/// The store over a database.
pub(crate) struct Engine<D> {
    pub(crate) db: D,
    pub(crate) everybody: Kept<Directory>,
    pub(crate) roles: Kept<BTreeMap<RoleName, Role>>,
}

impl<D: Db> Engine<D> {
    pub(crate) fn new(db: D) -> Self {
        Self {
            db,
            everybody: Kept::default(),
            roles: Kept::default(),
        }
    }
}

/// The rows that all statements of a batch gave.
fn count(rows: &[Vec<Row>]) -> u64 {
    rows.iter().map(|rows| rows.len() as u64).sum()
}

#[async_trait]
impl<D: Db> Store for Engine<D> {
    async fn commit(&self, changes: Changes) -> Result<(), StoreError> {
        let batch = writes::batch(&changes)?;
        if batch.0.is_empty() {
            return Ok(());
        }
        self.db.commit(batch).await
    }

    async fn claim_messages(&self, claim: Claim) -> Result<Vec<Message>, StoreError> {
        let rows = self.db.write(writes::claim(&claim)).await?;
        let mut messages = rows
            .iter()
            .flatten()
            .map(reads::message_of)
            .collect::<Result<Vec<_>, _>>()?;
        messages.sort_by(|a, b| (a.not_before, &a.id).cmp(&(b.not_before, &b.id)));
        Ok(messages)
    }

    async fn flush_usage(&self, usage: Vec<Usage>) -> Result<u64, StoreError> {
        if usage.is_empty() {
            return Ok(0);
        }
        let rows = self.db.write(writes::usage(usage)).await?;
        Ok(count(&rows))
    }

    async fn flush_pings(&self, heard: Vec<Pinged>) -> Result<u64, StoreError> {
        if heard.is_empty() {
            return Ok(0);
        }
        let rows = self.db.write(writes::heard(heard)).await?;
        Ok(count(&rows))
    }

    async fn chain_audit(&self, limit: u32) -> Result<u32, StoreError> {
        if !reads::has_unchained(&self.db).await? {
            return Ok(0);
        }
        let settled = self.db.settle_audit().await?;
        let (before, rows) = reads::unchained(&self.db, settled, limit).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        match self.db.write(writes::chain(&before, &rows)).await {
            Ok(_) => Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX)),
            // Another node linked the same rows just now.
            Err(StoreError::Conflict(_)) => Ok(0),
            Err(error) => Err(error),
        }
    }

    async fn prune(&self, before: Instant, now: Instant) -> Result<u64, StoreError> {
        let mut removed = 0_u64;
        loop {
            let batch = writes::prune(before, now, PRUNED_AT_ONCE);
            let rows = self.db.write(batch).await?;
            removed += count(&rows);
            let more = rows
                .iter()
                .any(|rows| rows.len() >= PRUNED_AT_ONCE as usize);
            if !more {
                return Ok(removed);
            }
        }
    }

    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.db.backup(to).await
    }
}
