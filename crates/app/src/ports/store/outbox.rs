//! Messages on their way.

use async_trait::async_trait;
use domain::kernel::{AlertId, ChannelId, Instant, MessageId, SweepId};
use domain::notice::{Attempt, Message, MessageState};
use domain::people::Recipient;

use super::{Page, PageRequest, StoreError};

/// Which messages.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// In this state.
    pub state: Option<MessageState>,
    /// Over this channel.
    pub channel: Option<ChannelId>,
    /// Carrying a notice of this alert.
    pub alert: Option<AlertId>,
}

/// How many messages to take, and for how long.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Messages with `not_before` at or before this instant.
    pub now: Instant,
    /// Until when they are held.
    pub lease_until: Instant,
    /// At most so many.
    pub limit: u32,
    /// None over these channels, but for what a holder let go by letting its lease end.
    pub but: Vec<ChannelId>,
}

/// Reads of the outbox.
#[async_trait]
pub trait OutboxReads {
    /// The message of this id.
    async fn message(&self, id: &MessageId) -> Result<Option<Message>, StoreError>;
    /// A page of messages, newest first.
    async fn list_messages(
        &self,
        filter: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError>;
    /// The attempts of a message, first to last.
    async fn attempts(&self, id: &MessageId) -> Result<Vec<Attempt>, StoreError>;
    /// `not_before` of the oldest message that waits for its turn at `now`.
    async fn oldest_waiting(&self, now: Instant) -> Result<Option<Instant>, StoreError>;
    /// Messages to this recipient over this channel whose turn has come and that nobody
    /// holds, oldest turn first.
    async fn waiting_with(
        &self,
        recipient: &Recipient,
        channel: &ChannelId,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;
    /// When messages to this recipient were accepted after `since`, newest first; over this
    /// channel, or over any.
    async fn accepted_since(
        &self,
        recipient: &Recipient,
        channel: Option<&ChannelId>,
        since: Instant,
        limit: u32,
    ) -> Result<Vec<Instant>, StoreError>;
    /// Sweeps that still collect, other than `but`: left behind by a crash.
    async fn unreleased_sweeps(&self, but: Option<&SweepId>) -> Result<Vec<SweepId>, StoreError>;
}
