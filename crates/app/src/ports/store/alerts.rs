//! Alerts and notices, and what channels keep of them.

use async_trait::async_trait;
use domain::expiry::{Alert, AlertKind, AlertState, Silence, Subject};
use domain::kernel::{AlertId, ChannelId, Instant, NoticeKey, TeamId};
use domain::notice::Notice;

use super::{Page, PageRequest, StoreError};

/// Which alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// What "now" means for states.
    pub now: Instant,
    /// In one of these states; empty means all but resolved.
    pub states: Vec<AlertState>,
    /// Of this kind.
    pub kind: Option<AlertKind>,
    /// About this subject.
    pub subject: Option<Subject>,
    /// Include resolved ones even if `states` is empty.
    pub with_resolved: bool,
    /// Only what these may see; `None` means everything.
    pub visible_to: Option<AlertsSeen>,
}

/// Which alerts somebody sees who may not see all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertsSeen {
    /// Those about credentials of this owner.
    pub owner: String,
    /// Those about credentials of these teams.
    pub teams: Vec<TeamId>,
    /// Those about these subjects.
    pub subjects: Vec<Subject>,
}

/// Reads of alerts and notices.
#[async_trait]
pub trait AlertReads {
    /// The alert of this id.
    async fn alert(&self, id: &AlertId) -> Result<Option<Alert>, StoreError>;
    /// All alerts about these subjects.
    async fn alerts_of(&self, subjects: &[Subject]) -> Result<Vec<Alert>, StoreError>;
    /// A page of alerts, newest cycle first.
    async fn list_alerts(
        &self,
        filter: &AlertFilter,
        page: &PageRequest,
    ) -> Result<Page<Alert>, StoreError>;
    /// How many alerts of this filter there are.
    async fn count_alerts(&self, filter: &AlertFilter) -> Result<u64, StoreError>;
    /// All notices of an alert, oldest first.
    async fn notices_of(&self, alert: &AlertId) -> Result<Vec<Notice>, StoreError>;
    /// All silences that are kept, running, to come and over, by id.
    async fn silences(&self) -> Result<Vec<Silence>, StoreError>;
    /// The notices of these keys that exist.
    async fn notices(&self, keys: &[NoticeKey]) -> Result<Vec<Notice>, StoreError>;
}

/// Reads of what channels keep of alerts on the other side.
#[async_trait]
pub trait MemoryReads {
    /// What this channel keeps of this alert.
    async fn channel_memory(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
    ) -> Result<Option<String>, StoreError>;
    /// All that this channel keeps, by alert, after the one given.
    async fn channel_memories(
        &self,
        channel: &ChannelId,
        after: Option<&AlertId>,
        limit: u32,
    ) -> Result<Vec<(AlertId, String)>, StoreError>;
}
