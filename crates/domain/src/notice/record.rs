//! What one recipient is told about one alert.

use serde::{Deserialize, Serialize};

use crate::expiry::{AlertKind, Resolution, Step, Subject};
use crate::kernel::{AlertId, ChannelId, Instant, NoticeKey};
use crate::people::Recipient;

/// In which capacity somebody hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceRole {
    /// The accountable one.
    Owner,
    /// A member of the team that answers for it, or the team's mailbox.
    Team,
    /// Asked to hear.
    Watcher,
    /// Somebody of a parent team.
    ParentTeam,
    /// An administrator.
    Admin,
    /// The last resort.
    CatchAll,
    /// A shared channel that is told by itself.
    Channel,
    /// Whoever is on call.
    Pager,
}

/// What one recipient is told about one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Derived from alert, end, step, occurrence and recipient: the same notice is
    /// never made twice.
    pub key: NoticeKey,
    /// Which alert.
    pub alert: AlertId,
    /// What the alert is about.
    pub subject: Subject,
    /// Which standing fact.
    pub kind: AlertKind,
    /// The end it speaks of.
    pub end: Option<Instant>,
    /// Which step.
    pub step: Step,
    /// Which time: 1 for the first.
    pub occurrence: u32,
    /// Set when this notice says that the cycle is over.
    pub resolution: Option<Resolution>,
    /// Who hears.
    pub recipient: Recipient,
    /// In which capacity.
    pub role: AudienceRole,
    /// Why, in a word for people: `30d`, `orphaned, so the team hears`.
    pub reason: String,
    /// When it was made.
    pub created_at: Instant,
    /// What became of it.
    pub state: NoticeState,
}

/// What became of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum NoticeState {
    /// On its way.
    Pending,
    /// A channel accepted it.
    Accepted {
        /// Which channel.
        channel: ChannelId,
        /// When.
        at: Instant,
        /// Whether that channel reaches a person.
        person: bool,
    },
    /// No longer true when its turn came, so it was not sent.
    Superseded {
        /// When.
        at: Instant,
    },
    /// Every way failed.
    Failed {
        /// When.
        at: Instant,
    },
}

impl NoticeState {
    /// The word on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted { .. } => "accepted",
            Self::Superseded { .. } => "superseded",
            Self::Failed { .. } => "failed",
        }
    }
}

impl Notice {
    /// The key of a notice. The end is in it, so a renewed credential opens a new cycle;
    /// the channel is not, so falling over to another way is not a new notice.
    pub fn key_of(
        alert: &AlertId,
        end: Option<Instant>,
        step: Step,
        occurrence: u32,
        resolution: Option<Resolution>,
        recipient: &Recipient,
    ) -> NoticeKey {
        let end = end.map_or_else(String::new, |at| at.as_micros().to_string());
        let resolution = resolution.map_or_else(String::new, |r| format!("{r:?}"));
        NoticeKey::derived(&[
            alert.as_str(),
            &end,
            &step.to_string(),
            &occurrence.to_string(),
            &resolution,
            &recipient.to_string(),
        ])
    }
}
