//! An alert as it is shown.

use app::alerts::{AlertDetail, AlertItem};
use domain::expiry::{Alert, How};
use domain::inventory::{Credential, Monitor};
use domain::kernel::Instant;
use domain::notice::{Notice, NoticeState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The standing fact that a subject needs attention.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub struct AlertBody {
    /// Stable for subject and kind.
    pub id: String,
    /// What it is about: `credential:ID`, `monitor:ID`, `source:ID`, `channel:ID`,
    /// `system:…`.
    pub subject: String,
    /// Which standing fact: `expiry`, `refused`, `silent`, `orphaned`, …
    pub kind: &'static str,
    /// `open`, `acknowledged`, `snoozed`, `let_lapse` or `resolved`.
    pub state: &'static str,
    /// The name of the credential or monitor, where it is about one.
    pub name: Option<String>,
    /// The end it is about.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
    /// The deepest step settled: `30d`, `end`, `end+7d`, `baseline`, `now`.
    pub step: Option<String>,
    /// How often the current step was said.
    pub occurrence: u32,
    /// When this cycle opened.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Instant,
    /// When something was last said.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub said_at: Option<Instant>,
    /// When a channel first accepted the current step for a person.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub heard_at: Option<Instant>,
    /// Until when it is snoozed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Instant>,
    /// Who acknowledged it, when, and the note.
    pub acknowledged: Option<ActBody>,
    /// Who said that it may lapse, when, and why.
    pub let_lapse: Option<ActBody>,
    /// Who asked that those next in line hear at once, when, and the note.
    pub escalated: Option<ActBody>,
    /// When this cycle ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Instant>,
    /// How it ended: `rotated`, `revoked`, `extended`, …
    pub resolution: Option<Value>,
    /// Everybody who was told in this cycle.
    pub told: Vec<String>,
    /// A sentence, for alerts that are not about an end.
    pub detail: Option<String>,
}

/// What somebody did about an alert.
#[derive(Serialize, ToSchema)]
#[schema(as = Act)]
pub struct ActBody {
    /// Who.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// What they wrote.
    pub note: Option<String>,
}

/// An alert with everything that was said.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertDetail)]
pub struct AlertDetailBody {
    /// The alert.
    #[serde(flatten)]
    pub alert: AlertBody,
    /// What became of each step, in order of time.
    pub steps: Vec<StepBody>,
    /// Who was told what, oldest first.
    pub notices: Vec<NoticeBody>,
}

/// What became of a step.
#[derive(Serialize, ToSchema)]
#[schema(as = SettledStep)]
pub struct StepBody {
    /// Which step.
    pub step: String,
    /// `said`, or `skipped` for this reason: `deeper`, `baseline`, `policy`.
    pub how: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// What one recipient is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Notice)]
pub struct NoticeBody {
    /// Which step.
    pub step: String,
    /// Which time: 1 for the first.
    pub occurrence: u32,
    /// Who hears: `person:ID`, `team:ID`, `address:EMAIL`, `channel:ID`.
    pub recipient: String,
    /// Why.
    pub reason: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// `pending`, `accepted`, `superseded` or `failed`.
    pub state: &'static str,
    /// The channel that accepted it.
    pub channel: Option<String>,
    /// When it reached that state.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Instant>,
}

impl AlertBody {
    /// As it is at `now`.
    pub fn of(item: AlertItem, now: Instant) -> Self {
        Self::with(&item.alert, name_of(&item.credential, &item.monitor), now)
    }

    fn with(alert: &Alert, name: Option<String>, now: Instant) -> Self {
        Self {
            id: alert.id.to_string(),
            subject: alert.subject.to_string(),
            kind: alert.kind.as_str(),
            state: alert.state(now).as_str(),
            name,
            expires_at: alert.end,
            step: alert.step().map(|step| step.to_string()),
            occurrence: alert.occurrence,
            opened_at: alert.opened_at,
            said_at: alert.said_at,
            heard_at: alert.heard_at,
            snoozed_until: alert.snoozed.as_ref().map(|s| s.until),
            acknowledged: alert
                .acknowledged
                .as_ref()
                .map(|a| act(&a.by, a.at, a.note.clone())),
            let_lapse: alert
                .let_lapse
                .as_ref()
                .map(|l| act(&l.by, l.at, l.reason.clone())),
            escalated: alert
                .raised
                .as_ref()
                .map(|r| act(&r.by, r.at, r.note.clone())),
            resolved_at: alert.resolved.map(|r| r.at),
            resolution: alert
                .resolved
                .and_then(|r| serde_json::to_value(r.how).ok()),
            told: alert.told.iter().map(ToString::to_string).collect(),
            detail: alert.detail.clone(),
        }
    }
}

fn name_of(credential: &Option<Credential>, monitor: &Option<Monitor>) -> Option<String> {
    let credential = credential.as_ref().map(|c| c.name.to_string());
    credential.or_else(|| monitor.as_ref().map(|m| m.name.to_string()))
}

fn act(by: &str, at: Instant, note: Option<String>) -> ActBody {
    ActBody {
        by: by.to_owned(),
        at,
        note,
    }
}

impl AlertDetailBody {
    /// As it is at `now`.
    pub fn of(detail: AlertDetail, now: Instant) -> Self {
        let steps = detail.alert.settled.iter().map(|settled| StepBody {
            step: settled.step.to_string(),
            how: match settled.how {
                How::Said => "said".to_owned(),
                How::Skipped(why) => format!("skipped: {why:?}").to_ascii_lowercase(),
            },
            at: settled.at,
        });
        Self {
            steps: steps.collect(),
            notices: detail.notices.into_iter().map(NoticeBody::from).collect(),
            alert: AlertBody::with(
                &detail.alert,
                name_of(&detail.credential, &detail.monitor),
                now,
            ),
        }
    }
}

impl From<Notice> for NoticeBody {
    fn from(notice: Notice) -> Self {
        let (channel, at) = match &notice.state {
            NoticeState::Pending => (None, None),
            NoticeState::Accepted { channel, at, .. } => (Some(channel.to_string()), Some(*at)),
            NoticeState::Superseded { at } | NoticeState::Failed { at } => (None, Some(*at)),
        };
        Self {
            step: notice.step.to_string(),
            occurrence: notice.occurrence,
            recipient: notice.recipient.to_string(),
            reason: notice.reason,
            created_at: notice.created_at,
            state: notice.state.as_str(),
            channel,
            at,
        }
    }
}
