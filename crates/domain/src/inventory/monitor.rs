//! A monitor: an integration that reports in, and is missed when it does not.
//!
//! Says when it should have been heard. Who is told of it is the matter of `expiry` and
//! `notice`.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::{CredentialId, Entropy, Instant, MonitorId, Name, Span, TeamId, base62};
use crate::people::Owner;

/// The shortest period and the least grace.
const SHORTEST: Span = Span::minutes(1);
/// The longest period and the most grace.
const LONGEST: Span = Span::days(366);
/// Less than this is not given where nobody says how much.
const GRACE_MIN: Span = Span::minutes(5);

/// What the address of a heartbeat ends with: 22 letters and digits, the only secret of
/// a monitor. Does not print.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PingKey(String);

/// A text that is no key of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of a monitor has 22 letters and digits")]
pub struct PingKeyError;

/// An integration that reports in every `period`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitor {
    /// Which one; may be known to everybody.
    pub id: MonitorId,
    /// What lets it report in; whoever knows it may.
    pub key: PingKey,
    /// As shown: "nightly export".
    pub name: Name,
    /// How often it reports in; a minute to 366 days.
    pub period: Span,
    /// How late it may be; a minute to 366 days.
    pub grace: Span,
    /// The accountable one.
    pub owner: Option<Owner>,
    /// The team that answers for it.
    pub team: Option<TeamId>,
    /// The credentials whose lapse would stop it.
    pub depends_on: BTreeSet<CredentialId>,
    /// When it was set up.
    pub created_at: Instant,
    /// Silence counts from here at the earliest: when it was set up, or when the last
    /// pause ended.
    pub counts_from: Instant,
    /// Since when nobody misses it; `None` while it is watched.
    pub paused_at: Option<Instant>,
    /// When it was last heard. Counted without a version, so not part of the document.
    #[serde(skip)]
    pub last_ping_at: Option<Instant>,
    /// When it last said that it failed. Counted like `last_ping_at`.
    #[serde(skip)]
    pub failed_at: Option<Instant>,
    /// How often it was heard.
    #[serde(skip)]
    pub pings: u64,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// A time in which Forewarn itself could hear nothing: `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it was last known to listen.
    pub from: Instant,
    /// When it listened again.
    pub until: Instant,
}

/// How a monitor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pulse {
    /// Not heard yet, and not missed yet.
    New,
    /// Heard in time.
    Up,
    /// Its period is over, its grace is not.
    Late,
    /// Missed.
    Silent,
    /// It said that it failed.
    Failed,
    /// Nobody misses it.
    Paused,
}

impl PingKey {
    /// A new random key.
    pub fn random(entropy: &mut dyn Entropy) -> Self {
        Self(base62(entropy, Self::CHARS))
    }

    /// How many characters a key has: 131 bits.
    pub const CHARS: usize = 22;

    /// Takes a key from outside.
    ///
    /// # Errors
    /// Anything but 22 letters and digits of ASCII.
    pub fn parse(text: impl Into<String>) -> Result<Self, PingKeyError> {
        let text = text.into();
        let fits = text.len() == Self::CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then_some(Self(text)).ok_or(PingKeyError)
    }

    /// The key itself; belongs into the address of a heartbeat and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PingKey(…)")
    }
}

impl TryFrom<String> for PingKey {
    type Error = PingKeyError;
    fn try_from(text: String) -> Result<Self, PingKeyError> {
        Self::parse(text)
    }
}

impl From<PingKey> for String {
    fn from(key: PingKey) -> Self {
        key.0
    }
}

impl Monitor {
    /// The grace where nobody says how much: a fifth of the period, at least five minutes.
    pub fn usual_grace(period: Span) -> Span {
        Span::from_micros(period.as_micros() / 5).max(GRACE_MIN)
    }

    /// Whether a period or a grace may be so long.
    pub fn may_be(span: Span) -> bool {
        (SHORTEST..=LONGEST).contains(&span)
    }

    /// From when its silence counts: its last word, its creation, the end of its pause.
    pub fn heard_at(&self) -> Instant {
        self.last_ping_at
            .map_or(self.counts_from, |at| at.max(self.counts_from))
    }

    /// Whether the last it said is that it failed.
    pub fn has_failed(&self) -> bool {
        self.failed_at
            .is_some_and(|at| at >= self.counts_from && self.last_ping_at.is_none_or(|ok| at >= ok))
    }

    /// The instant until which it must be heard; it is missed after it. Where it was to
    /// be heard while Forewarn could not hear, the next time counts.
    pub fn missed_after(&self, outage: Option<Outage>) -> Instant {
        let heard = self.heard_at();
        let plain = heard + self.period + self.grace;
        let lost = outage.filter(|outage| {
            heard <= outage.until && outage.from <= plain && heard + self.period <= outage.until
        });
        let Some(outage) = lost else {
            return plain;
        };
        let periods = heard.until(outage.until).ceil_div(self.period).max(1);
        let next = self.period.as_micros().saturating_mul(periods);
        heard + Span::from_micros(next) + self.grace
    }

    /// How it does at `now`.
    pub fn pulse(&self, outage: Option<Outage>, now: Instant) -> Pulse {
        if self.paused_at.is_some() {
            Pulse::Paused
        } else if self.has_failed() {
            Pulse::Failed
        } else if self.missed_after(outage) < now {
            Pulse::Silent
        } else if self.heard_at() + self.period < now {
            Pulse::Late
        } else if self.last_ping_at.is_none() {
            Pulse::New
        } else {
            Pulse::Up
        }
    }
}

impl Pulse {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::New,
        Self::Up,
        Self::Late,
        Self::Silent,
        Self::Failed,
        Self::Paused,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Up => "up",
            Self::Late => "late",
            Self::Silent => "silent",
            Self::Failed => "failed",
            Self::Paused => "paused",
        }
    }
}
