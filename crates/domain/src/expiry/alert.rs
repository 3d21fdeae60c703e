//! The standing fact that a subject needs attention, and what was done about it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::kernel::{AlertId, Instant};
use crate::people::Recipient;

use super::{AlertKind, Step, Subject};

/// The standing fact that a subject needs attention.
///
/// The fingerprint (and with it the id) is subject and kind; the end is not in it,
/// so an extended credential keeps its alert and starts a new cycle in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Derived from subject and kind.
    pub id: AlertId,
    /// What it is about.
    pub subject: Subject,
    /// Which standing fact.
    pub kind: AlertKind,
    /// The end this cycle is about; `None` for subjects without an end. A moved end
    /// starts a new cycle.
    pub end: Option<Instant>,
    /// When this cycle opened.
    pub opened_at: Instant,
    /// What became of each step that was entered in this cycle, in order of time.
    pub settled: Vec<Settlement>,
    /// How often the current step was said: 0 before the first, 1 after it.
    pub occurrence: u32,
    /// When something was last put into the outbox.
    pub said_at: Option<Instant>,
    /// When a channel first accepted the current step for a person; `None` until then.
    pub heard_at: Option<Instant>,
    /// Until when everybody told waits for their own hours (the earliest `not_before` of
    /// the current saying); the sweep sets it. `None` means that nobody waits. A step is
    /// not unheard while all who were told wait.
    #[serde(default)]
    pub held_until: Option<Instant>,
    /// The step that was escalated because nobody acknowledged it, if it is the current.
    #[serde(default)]
    pub escalated: Option<Step>,
    /// Somebody asked that those next in line hear at once.
    #[serde(default)]
    pub raised: Option<Raised>,
    /// Somebody is on it: no repeats, no escalation until the next step.
    pub acknowledged: Option<Acknowledged>,
    /// Not before this instant, please.
    pub snoozed: Option<Snoozed>,
    /// It shall lapse: bound to one end.
    pub let_lapse: Option<LetLapse>,
    /// How this cycle ended; `None` while it runs.
    pub resolved: Option<Resolved>,
    /// Everybody for whom something was put into the outbox in this cycle; they hear of
    /// the resolution too.
    #[serde(default)]
    pub told: BTreeSet<Recipient>,
    /// A sentence about the subject, for alerts that are not about an end ("SMTP server
    /// refuses the password").
    pub detail: Option<String>,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Which step.
    pub step: Step,
    /// Said or skipped.
    pub how: How,
    /// When.
    pub at: Instant,
}

/// Said or skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how", content = "why")]
pub enum How {
    /// Its messages stand in the outbox.
    Said,
    /// Nobody was told, for this reason.
    Skipped(Skipped),
}

/// Why a step was not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// A deeper step was entered at the same time.
    Deeper,
    /// The first import of the source told of it in one message.
    Baseline,
    /// The policy, a snooze or a wish to let it lapse.
    Policy,
}

/// "Somebody is on it."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who, as the audit log spells actors.
    pub by: String,
    /// When.
    pub at: Instant,
    /// The step that was current; the next step makes it void.
    pub step: Option<Step>,
    /// What the person wrote.
    pub note: Option<String>,
}

/// "Not now."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snoozed {
    /// Who.
    pub by: String,
    /// When it was asked for.
    pub at: Instant,
    /// Until when; at the latest a day before the end.
    pub until: Instant,
}

/// "Tell those next in line."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
    /// The step that was current.
    pub step: Option<Step>,
    /// The step in which they were told; `None` while they are not yet.
    pub told: Option<Step>,
    /// What the person wrote.
    pub note: Option<String>,
}

/// "It may lapse."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetLapse {
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
    /// The end this is bound to; void when the end moves.
    pub end: Instant,
    /// Why.
    pub reason: Option<String>,
}

/// How a cycle ended. Always observed, never clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// When it was seen.
    pub at: Instant,
    /// What was seen.
    pub how: Resolution,
}

/// What ended a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// A successor is in use.
    Rotated,
    /// It was revoked.
    Revoked,
    /// Its end moved later.
    Extended,
    /// Its source no longer lists it.
    Gone,
    /// Its owner was disabled, so it does not work now.
    Suspended,
    /// Its end passed and everything was said.
    Lapsed,
    /// What was wrong is right again.
    Recovered,
}

/// An alert in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Needs attention.
    Open,
    /// Somebody is on it.
    Acknowledged,
    /// Not now.
    Snoozed,
    /// It may lapse.
    LetLapse,
    /// Over.
    Resolved,
}

impl Alert {
    /// The id that this subject and kind always have.
    pub fn id_of(subject: &Subject, kind: AlertKind) -> AlertId {
        AlertId::derived(&[&subject.to_string(), kind.as_str()])
    }

    /// A fresh cycle with nothing settled.
    pub fn open(subject: Subject, kind: AlertKind, end: Option<Instant>, now: Instant) -> Self {
        Self {
            id: Self::id_of(&subject, kind),
            subject,
            kind,
            end,
            opened_at: now,
            settled: Vec::new(),
            occurrence: 0,
            said_at: None,
            heard_at: None,
            held_until: None,
            escalated: None,
            raised: None,
            acknowledged: None,
            snoozed: None,
            let_lapse: None,
            resolved: None,
            told: BTreeSet::new(),
            detail: None,
            version: 0,
        }
    }

    /// The deepest step settled in this cycle.
    pub fn step(&self) -> Option<Step> {
        self.settled.iter().map(|s| s.step).max()
    }

    /// The alert in one word at `now`.
    pub fn state(&self, now: Instant) -> AlertState {
        if self.resolved.is_some() {
            return AlertState::Resolved;
        }
        if self
            .let_lapse
            .as_ref()
            .is_some_and(|l| Some(l.end) == self.end)
        {
            return AlertState::LetLapse;
        }
        if self.snoozed.as_ref().is_some_and(|s| now < s.until) {
            return AlertState::Snoozed;
        }
        match &self.acknowledged {
            Some(ack) if ack.step >= self.step() => AlertState::Acknowledged,
            _ => AlertState::Open,
        }
    }
}

impl AlertState {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::LetLapse => "let_lapse",
            Self::Resolved => "resolved",
        }
    }
}
