//! Reads of calendar and feed addresses.

use app::ports::{StoreError, Subscription, SubscriptionReads};
use async_trait::async_trait;
use domain::kernel::SubscriptionId;

use super::{document, documents};
use crate::db::Db;
use crate::engine::Engine;

#[async_trait]
impl<D: Db> SubscriptionReads for Engine<D> {
    async fn subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        let sql = "SELECT id, doc FROM subscriptions WHERE id = $1";
        document(&self.db, "subscriptions", sql, id.as_str()).await
    }

    async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        let sql = "SELECT id, doc FROM subscriptions ORDER BY id";
        documents(&self.db, "subscriptions", sql, Vec::new()).await
    }
}
