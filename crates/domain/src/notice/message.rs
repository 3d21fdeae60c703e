//! One or more notices to one recipient over one channel.

use serde::{Deserialize, Serialize};

use crate::kernel::{ChannelId, Instant, MessageId, NoticeKey, SweepId};
use crate::people::Recipient;

/// One or more notices to one recipient over one channel. Its id is the Message-ID and
/// the `webhook-id`, the same at every attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Derived from sweep, recipient and channel, so a sweep that is run again after a
    /// crash makes the same message.
    pub id: MessageId,
    /// What it is for.
    pub kind: MessageKind,
    /// Who hears.
    pub recipient: Recipient,
    /// Over which channel.
    pub channel: ChannelId,
    /// Which sweep made it.
    pub sweep: SweepId,
    /// The notices it carries, most urgent first. May grow while `Collecting`.
    pub notices: Vec<NoticeKey>,
    /// Where it stands.
    pub state: MessageState,
    /// Not to be sent before.
    pub not_before: Instant,
    /// It can wait, and says only that something is over: whatever goes to the same
    /// recipient before takes it along.
    #[serde(default)]
    pub rides: bool,
    /// Not worth sending after; then it falls over.
    pub deadline: Instant,
    /// How many attempts were begun.
    #[serde(default)]
    pub attempts: u32,
    /// Until when a worker holds it; `None` while nobody does.
    pub leased_until: Option<Instant>,
    /// Rises with each claim: a worker whose fence is old may no longer write.
    #[serde(default)]
    pub fence: u64,
    /// The bytes of the first attempt, frozen, in the channel's own form.
    pub payload: Option<String>,
    /// What the channel said on acceptance: SMTP reply and queue id, HTTP status.
    pub receipt: Option<String>,
    /// What went wrong last, without addresses, URLs or bodies.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it reached its final state.
    pub closed_at: Option<Instant>,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Notices.
    Notices,
    /// The first import of a source, in one message.
    Baseline,
    /// A test that somebody asked for.
    Test,
    /// Shows once a week that the last resort can be reached.
    Proof,
    /// Asks whether an address is its holder's.
    Question,
}

impl MessageKind {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notices => "notices",
            Self::Baseline => "baseline",
            Self::Test => "test",
            Self::Proof => "proof",
            Self::Question => "question",
        }
    }

    /// Whether it says nothing about any alert: it tries a way, or asks about an address.
    pub const fn is_trial(self) -> bool {
        matches!(self, Self::Test | Self::Proof | Self::Question)
    }
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Its sweep still adds notices.
    Collecting,
    /// Waits for its turn, first or again.
    Queued,
    /// A worker holds it.
    Sending,
    /// The channel accepted it.
    Accepted,
    /// Perhaps accepted: the answer was lost twice.
    Unconfirmed,
    /// Nothing in it was still true.
    Superseded,
    /// What it carried went along with another message to the same recipient.
    Joined,
    /// This way failed for good.
    Failed,
}

impl MessageState {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Collecting,
        Self::Queued,
        Self::Sending,
        Self::Accepted,
        Self::Unconfirmed,
        Self::Superseded,
        Self::Joined,
        Self::Failed,
    ];

    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Collecting => "collecting",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Unconfirmed => "unconfirmed",
            Self::Superseded => "superseded",
            Self::Joined => "joined",
            Self::Failed => "failed",
        }
    }
}

/// One try to hand a message to its channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which message.
    pub message: MessageId,
    /// 1 for the first.
    pub number: u32,
    /// When it began.
    pub started_at: Instant,
    /// When it ended; `None` if nobody lived to say.
    pub ended_at: Option<Instant>,
    /// `accepted`, `retry`, `permanent`, `ambiguous`; empty while it runs.
    pub outcome: String,
    /// Status line or class of error, without secrets.
    pub detail: String,
}
