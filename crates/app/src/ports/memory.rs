//! What a channel keeps of an alert on the other side.

use async_trait::async_trait;
use domain::kernel::{AlertId, ChannelId};

use super::StoreError;

/// What a channel keeps of an alert on the other side: a ticket's number, a message's
/// place in its room. Never a secret.
#[async_trait]
pub trait ChannelMemory: Send + Sync {
    /// What the channel keeps of the alert; `None` when nothing, or when it was forgotten.
    ///
    /// # Errors
    /// The store's.
    async fn recall(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
    ) -> Result<Option<String>, StoreError>;

    /// Keeps a value in the channel's own form; `None` forgets. Durable once it returns.
    ///
    /// # Errors
    /// The store's.
    async fn remember(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
        value: Option<String>,
    ) -> Result<(), StoreError>;
}
