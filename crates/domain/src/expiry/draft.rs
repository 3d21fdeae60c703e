//! A policy as people write it, in the configuration or for a dry run.
//!
//! What it does not say is taken from another policy. Everything is checked here, so that
//! both ways refuse the same with the same words.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::inventory::Matcher;
use crate::kernel::Span;
use crate::people::{DigestWindow, QuietHours, RecipientHours};

use super::{AudienceRule, Escalation, Policy, PolicyError, Step, Whom, WorkingCalendar};

/// A policy as people write it; what is left out is as in `default`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyDraft {
    /// Which credentials it is for.
    #[serde(rename = "match")]
    pub matches: Option<Matcher>,
    /// Lead times.
    pub steps: Option<Vec<Span>>,
    /// How long between repeats.
    pub backoff: Option<Span>,
    /// Steps at or inside this lead time are repeated.
    pub repeat_from: Option<Span>,
    /// IANA name; of the working days, and of those who have no zone of their own.
    pub time_zone: Option<String>,
    /// Days on which people work; empty means every day.
    pub working_days: Option<BTreeSet<Weekday>>,
    /// Days on which nobody works.
    pub holidays: Option<BTreeSet<Date>>,
    /// Hours of the day in which nobody is told.
    pub quiet_hours: Option<QuietDraft>,
    /// When steps more than a week ahead are gathered.
    pub digest: Option<DigestDraft>,
    /// From which step on who hears.
    pub audience: Option<BTreeMap<String, BTreeSet<Whom>>>,
    /// Who hears besides when nobody acknowledges.
    pub escalate: Option<Escalation>,
}

/// Quiet hours as people write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietDraft {
    /// The first quiet minute.
    pub from: ClockTime,
    /// The first minute that is not quiet.
    pub to: ClockTime,
}

/// A digest window as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestDraft {
    /// On which day; every day if not given.
    #[serde(default)]
    pub day: Option<Weekday>,
    /// At which time.
    pub at: ClockTime,
}

/// A minute of the day, written `07:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime(u16);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the days of the week name themselves")]
pub enum Weekday {
    Mon = 1,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// As ISO 8601 counts: 1 for Monday to 7 for Sunday.
    pub const fn number(self) -> i8 {
        self as i8
    }
}

impl TryFrom<String> for ClockTime {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let digits = |part: &str| {
            let two = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            two.then(|| part.parse::<u16>().ok()).flatten()
        };
        let parts = text.split_once(':');
        match parts.and_then(|(h, m)| Some((digits(h)?, digits(m)?))) {
            Some((hour, minute)) if hour < 24 && minute < 60 => Ok(Self(hour * 60 + minute)),
            _ => Err("is no time of day such as 07:30".to_owned()),
        }
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        format!("{:02}:{:02}", time.0 / 60, time.0 % 60)
    }
}

impl PolicyDraft {
    /// The policy of this name; what the draft does not say is as in `usual`. Only
    /// `default` has no `match`, for it is what applies where nothing matches.
    ///
    /// # Errors
    /// See [`PolicyError`].
    pub fn build(&self, name: &str, usual: &Policy) -> Result<Policy, PolicyError> {
        let steps = self.steps.clone().unwrap_or_else(|| usual.steps.clone());
        let backoff = self.backoff.unwrap_or(usual.backoff);
        let checked = Policy::new(name, steps, backoff)?;
        let draft = Draft { name, draft: self };
        let calendar = draft.calendar(usual)?;
        Ok(Policy {
            matches: draft.matcher()?,
            repeat_from: draft.positive("repeat_from", self.repeat_from, usual.repeat_from)?,
            hours: draft.hours(usual, calendar.as_ref())?,
            calendar,
            audience: draft.audience(usual)?,
            escalation: draft.escalation(usual)?,
            ..checked
        })
    }
}

/// A draft with its name, for refusals.
struct Draft<'a> {
    name: &'a str,
    draft: &'a PolicyDraft,
}

impl Draft<'_> {
    fn wrong(&self, key: &'static str, reason: impl ToString) -> PolicyError {
        PolicyError::Value {
            name: self.name.to_owned(),
            key,
            reason: reason.to_string(),
        }
    }

    fn positive(
        &self,
        key: &'static str,
        given: Option<Span>,
        usual: Span,
    ) -> Result<Span, PolicyError> {
        match given {
            Some(span) if !span.is_positive() => {
                Err(self.wrong(key, format!("must be longer than zero, not {span}")))
            }
            given => Ok(given.unwrap_or(usual)),
        }
    }

    fn matcher(&self) -> Result<Matcher, PolicyError> {
        match &self.draft.matches {
            Some(_) if self.name == "default" => Err(self.wrong(
                "match",
                "the default has none; it is for what no other matches",
            )),
            None if self.name == "default" => Ok(Matcher::default()),
            None => Err(self.wrong("match", "is missing; say which credentials it is for")),
            Some(matcher) => {
                matcher.check().map_err(|e| self.wrong("match", e))?;
                Ok(matcher.clone())
            }
        }
    }

    fn zone(&self, usual: &Policy) -> Result<Option<String>, PolicyError> {
        match &self.draft.time_zone {
            Some(zone) if jiff::tz::TimeZone::get(zone).is_err() => Err(self.wrong(
                "time_zone",
                format!("`{zone}` is no time zone such as Europe/Berlin"),
            )),
            Some(zone) => Ok(Some(zone.clone())),
            None => Ok(usual.hours.time_zone.clone()),
        }
    }

    fn calendar(&self, usual: &Policy) -> Result<Option<WorkingCalendar>, PolicyError> {
        let before = usual.calendar.clone();
        let days = match &self.draft.working_days {
            Some(days) => days.iter().map(|d| d.number()).collect(),
            None => before.as_ref().map(|c| c.days.clone()).unwrap_or_default(),
        };
        let holidays = match &self.draft.holidays {
            Some(holidays) => holidays.clone(),
            None => before.map(|c| c.holidays).unwrap_or_default(),
        };
        if days.is_empty() && holidays.is_empty() {
            return Ok(None);
        }
        Ok(Some(WorkingCalendar {
            time_zone: self.zone(usual)?.unwrap_or_else(|| "UTC".to_owned()),
            days: if days.is_empty() {
                (1..=7).collect()
            } else {
                days
            },
            holidays,
        }))
    }

    fn hours(
        &self,
        usual: &Policy,
        calendar: Option<&WorkingCalendar>,
    ) -> Result<RecipientHours, PolicyError> {
        let quiet = self.draft.quiet_hours.map(|quiet| QuietHours {
            from: quiet.from.0,
            to: quiet.to.0,
        });
        let digest = self.draft.digest.map(|digest| DigestWindow {
            weekday: digest.day.map(Weekday::number),
            minute: digest.at.0,
        });
        Ok(RecipientHours {
            time_zone: self.zone(usual)?,
            quiet: quiet.or(usual.hours.quiet),
            working_days: calendar.map(|c| c.days.clone()).unwrap_or_default(),
            digest: digest.or(usual.hours.digest),
        })
    }

    fn audience(&self, usual: &Policy) -> Result<Vec<AudienceRule>, PolicyError> {
        let Some(given) = &self.draft.audience else {
            return Ok(usual.audience.clone());
        };
        let mut rules = Vec::new();
        for (step, whom) in given {
            let from = Step::parse(step).map_err(|e| self.wrong("audience", e))?;
            if !matches!(from, Step::Lead(_) | Step::End | Step::AfterEnd(_)) {
                let reason = format!("`{step}` is neither a lead time such as 7d nor `end`");
                return Err(self.wrong("audience", reason));
            }
            if !whom.iter().any(Whom::is_person) {
                let reason = format!("`{step}` names nobody who is a person; add owner or team");
                return Err(self.wrong("audience", reason));
            }
            let whom = whom.clone();
            rules.push(AudienceRule { from, whom });
        }
        rules.sort_by_key(|rule| rule.from);
        Ok(rules)
    }

    fn escalation(&self, usual: &Policy) -> Result<Option<Escalation>, PolicyError> {
        let Some(given) = &self.draft.escalate else {
            return Ok(usual.escalation.clone());
        };
        if !given.after.is_positive() {
            let reason = format!("`after` must be longer than zero, not {}", given.after);
            return Err(self.wrong("escalate", reason));
        }
        if given.to.is_empty() {
            return Err(self.wrong("escalate", "`to` names nobody; add parent-team or admins"));
        }
        Ok(Some(given.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(name: &str, json: serde_json::Value) -> Result<Policy, String> {
        let draft: PolicyDraft = serde_json::from_value(json).map_err(|e| e.to_string())?;
        draft
            .build(name, &Policy::default())
            .map_err(|e| e.to_string())
    }

    #[test]
    fn what_a_draft_does_not_say_is_as_in_the_default() {
        let policy = build(
            "prod",
            serde_json::json!({ "match": { "source": "prod-*" } }),
        )
        .unwrap();
        let usual = Policy::default();
        assert_eq!((policy.steps, policy.backoff), (usual.steps, usual.backoff));
        assert_eq!((policy.calendar, policy.hours), (None, usual.hours));
    }

    #[test]
    fn hours_and_days_are_read_as_people_write_them() {
        let policy = build(
            "default",
            serde_json::json!({
                "time_zone": "Europe/Berlin",
                "working_days": ["mon", "fri"],
                "holidays": ["2027-01-01"],
                "quiet_hours": { "from": "20:30", "to": "07:00" },
                "digest": { "day": "mon", "at": "09:00" },
            }),
        )
        .unwrap();
        assert_eq!(
            policy.hours.quiet,
            Some(QuietHours {
                from: 1230,
                to: 420
            })
        );
        let digest = DigestWindow {
            weekday: Some(1),
            minute: 540,
        };
        assert_eq!(policy.hours.digest, Some(digest));
        assert_eq!(policy.hours.working_days, [1, 5].into());
        let calendar = policy.calendar.unwrap();
        assert_eq!(calendar.time_zone, "Europe/Berlin");
        assert_eq!(calendar.holidays.len(), 1);
    }

    /// B72: what makes no sense is refused with its key.
    #[test]
    fn what_makes_no_sense_is_refused_with_its_key() {
        for (name, json, key) in [
            ("p", serde_json::json!({}), "policies.p.match"),
            ("p", serde_json::json!({ "match": {} }), "policies.p.match"),
            (
                "default",
                serde_json::json!({ "match": { "source": "a" } }),
                "policies.default.match",
            ),
            (
                "default",
                serde_json::json!({ "time_zone": "Mars/Base" }),
                "time_zone",
            ),
            (
                "default",
                serde_json::json!({ "repeat_from": "0s" }),
                "repeat_from",
            ),
            (
                "default",
                serde_json::json!({ "quiet_hours": { "from": "24:00", "to": "07:00" } }),
                "time of day",
            ),
            (
                "default",
                serde_json::json!({ "quiet_hours": { "from": "7:00", "to": "07:60" } }),
                "time of day",
            ),
            (
                "default",
                serde_json::json!({ "working_days": ["caturday"] }),
                "caturday",
            ),
            (
                "default",
                serde_json::json!({ "audience": { "now": ["owner"] } }),
                "audience",
            ),
            (
                "default",
                serde_json::json!({ "audience": { "7d": ["pager"] } }),
                "audience",
            ),
            (
                "default",
                serde_json::json!({ "audience": { "7d": ["nobody"] } }),
                "nobody",
            ),
            (
                "default",
                serde_json::json!({ "escalate": { "after": "0s", "to": ["admins"] } }),
                "escalate",
            ),
            (
                "default",
                serde_json::json!({ "escalate": { "after": "1d", "to": [] } }),
                "escalate",
            ),
            (
                "p",
                serde_json::json!({ "match": { "source": [] } }),
                "leave it out",
            ),
            (
                "p",
                serde_json::json!({ "match": { "unused_for": "-1d" } }),
                "unused_for",
            ),
            (
                "p",
                serde_json::json!({ "match": { "sauce": "x" } }),
                "sauce",
            ),
        ] {
            let said = build(name, json.clone()).unwrap_err();
            assert!(said.contains(key), "{json}: {said}");
        }
    }
}
