//! Monitors.

use async_trait::async_trait;
use domain::inventory::{Monitor, PingKey};
use domain::kernel::MonitorId;
use domain::people::Owner;

use super::StoreError;

/// Reads of monitors.
#[async_trait]
pub trait MonitorReads {
    /// All monitors, by id.
    async fn monitors(&self) -> Result<Vec<Monitor>, StoreError>;
    /// How many monitors there are; with an owner, how many of theirs.
    async fn count_monitors(&self, owner: Option<&Owner>) -> Result<u64, StoreError>;
    /// The monitors of these ids that exist, in any order.
    async fn monitors_of(&self, ids: &[MonitorId]) -> Result<Vec<Monitor>, StoreError>;
    /// One monitor.
    async fn monitor(&self, id: &MonitorId) -> Result<Option<Monitor>, StoreError>;
    /// Whose key this is.
    async fn monitor_of_key(&self, key: &PingKey) -> Result<Option<MonitorId>, StoreError>;
}
