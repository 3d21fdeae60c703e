//! The recurring look at everything that a team answers for: when a round begins, what was
//! decided in it, and whether it is due.
//!
//! A round is over when something was decided about each credential that was there when
//! it began; nothing that comes later keeps it open.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::inventory::Credential;
use crate::kernel::{CredentialId, Instant, Span};

use super::{Alert, AlertKind, Plan, Subject, standing};

/// An open round is said again after so long.
const REPEAT: Span = Span::days(7);
/// At which hour (UTC) a round begins.
const HOUR: i8 = 8;

/// How often a review recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Each month.
    Month,
    /// In January, April, July and October.
    Quarter,
}

/// A review of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRule {
    /// How often.
    pub every: Every,
    /// On which day of the month a round begins, 1 to 28.
    #[serde(default = "first")]
    pub day: i8,
    /// Which teams, by name or id; every team if none is named.
    #[serde(default)]
    pub teams: Vec<String>,
}

const fn first() -> i8 {
    1
}

/// What was decided about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is needed as it is.
    Keep,
    /// It is needed, with a new value.
    Rotate,
    /// It is not needed any more.
    LetLapse,
    /// Others answer for it.
    NotOurs,
}

/// A decision, and whose it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What was decided.
    pub decision: Decision,
    /// Who, as the audit log spells actors.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
}

/// The present round of one team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Since when the review is known; the first round begins after that.
    pub known_at: Instant,
    /// When the present round began; `None` before the first.
    pub began_at: Option<Instant>,
    /// What was decided in it.
    #[serde(default)]
    pub decided: BTreeMap<CredentialId, Decided>,
}

impl Every {
    /// The last beginning at or before `now`: on this day of the month, 1 to 28.
    pub fn last_beginning(self, day: i8, now: Instant) -> Instant {
        self.near(day, now, false)
    }

    /// The first beginning after `now`.
    pub fn next_beginning(self, day: i8, now: Instant) -> Instant {
        self.near(day, now, true)
    }

    fn near(self, day: i8, now: Instant, after: bool) -> Instant {
        let today = now.to_jiff().to_zoned(TimeZone::UTC).date();
        let (first, months) = match self {
            Self::Month => (today.month(), 1),
            Self::Quarter => ((today.month() - 1) / 3 * 3 + 1, 3),
        };
        let begin = Date::new(today.year(), first, day.clamp(1, 28)).unwrap_or(today);
        let at = |periods: i64| {
            let date = begin
                .checked_add((periods * months).months())
                .unwrap_or(begin);
            let zoned = date.at(HOUR, 0, 0, 0).to_zoned(TimeZone::UTC);
            zoned.map_or(now, |z| Instant::from_jiff(z.timestamp()))
        };
        let here = at(0);
        match (after, here <= now) {
            (false, true) | (true, false) => here,
            (false, false) => at(-1),
            (true, true) => at(1),
        }
    }
}

impl Round {
    /// A review that was heard of now.
    pub fn known(now: Instant) -> Self {
        Self {
            known_at: now,
            began_at: None,
            decided: BTreeMap::new(),
        }
    }

    /// The round with the next one begun, if `beginning` calls for one.
    pub fn begun(&self, beginning: Instant, now: Instant) -> Option<Self> {
        let last = self.began_at.unwrap_or(self.known_at);
        (last < beginning).then(|| Self {
            began_at: Some(now),
            decided: BTreeMap::new(),
            ..self.clone()
        })
    }

    /// Whether this round is about the credential.
    pub fn covers(&self, credential: &Credential) -> bool {
        self.began_at
            .is_some_and(|at| credential.first_seen_at <= at)
    }

    /// Whether something is still to be decided about it.
    pub fn awaits(&self, credential: &Credential) -> bool {
        self.covers(credential) && !self.decided.contains_key(&credential.id)
    }
}

/// What is due for a review: `wrong` says in a sentence what is still to be decided.
pub fn review(id: &str, wrong: Option<&str>, alert: Option<&Alert>, now: Instant) -> Plan {
    let subject = Subject::Review(id.to_owned());
    standing(&subject, AlertKind::ReviewDue, wrong, alert, REPEAT, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn rounds_begin_on_their_day_at_eight() {
        for (every, now, last, next) in [
            (
                Every::Month,
                "2026-11-05T07:59:59Z",
                "2026-10-05T08:00:00Z",
                "2026-11-05T08:00:00Z",
            ),
            (
                Every::Month,
                "2026-11-05T08:00:00Z",
                "2026-11-05T08:00:00Z",
                "2026-12-05T08:00:00Z",
            ),
            (
                Every::Month,
                "2026-12-31T09:00:00Z",
                "2026-12-05T08:00:00Z",
                "2027-01-05T08:00:00Z",
            ),
            (
                Every::Quarter,
                "2026-11-26T09:00:00Z",
                "2026-10-05T08:00:00Z",
                "2027-01-05T08:00:00Z",
            ),
            (
                Every::Quarter,
                "2027-01-01T00:00:00Z",
                "2026-10-05T08:00:00Z",
                "2027-01-05T08:00:00Z",
            ),
        ] {
            assert_eq!(every.last_beginning(5, at(now)), at(last), "{now}");
            assert_eq!(every.next_beginning(5, at(now)), at(next), "{now}");
        }
    }

    #[test]
    fn a_review_that_is_new_waits_for_its_first_beginning() {
        let beginning = at("2026-11-05T08:00:00Z");
        let later = at("2026-11-20T08:00:00Z");
        assert_eq!(Round::known(later).begun(beginning, later), None);
        let known = Round::known(at("2026-11-05T07:59:59Z"));
        let first = known.begun(beginning, later).unwrap();
        assert_eq!(first.began_at, Some(later));
        assert_eq!(first.begun(beginning, later), None, "once a period");
    }
}
