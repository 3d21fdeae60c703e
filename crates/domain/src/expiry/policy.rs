//! Which steps, how often repeated.

use serde::{Deserialize, Serialize};

use crate::inventory::Matcher;
use crate::kernel::{Instant, Span};
use crate::people::RecipientHours;

use super::{AudienceRule, Escalation, Step, WorkingCalendar};

/// Which steps a credential has, how often the current one is repeated, who hears and
/// when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its key in the configuration.
    pub name: String,
    /// Which credentials it is for; empty for `default`.
    #[serde(default)]
    pub matches: Matcher,
    /// Lead times, widest first, each longer than zero, none twice.
    pub steps: Vec<Span>,
    /// How long between repeats of one step.
    pub backoff: Span,
    /// Steps at or inside this lead time are repeated.
    pub repeat_from: Span,
    /// Pulls steps forward to working days; `None` leaves them where they fall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<WorkingCalendar>,
    /// When those who hear may hear. Its zone counts for whoever has none of their own.
    #[serde(default)]
    pub hours: RecipientHours,
    /// Who hears from which step on, widest first. Empty: as `notice::audience` has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<AudienceRule>,
    /// Who hears besides when nobody acknowledges; `None`: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
}

/// Why a policy was refused. Names the key of the configuration and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No step at all.
    #[error("`policies.{0}.steps` is empty; give at least one lead time such as 1d")]
    NoSteps(String),
    /// A step of zero or less.
    #[error("`policies.{name}.steps` holds {step}; a lead time must be longer than zero")]
    StepNotPositive {
        /// The policy.
        name: String,
        /// The step as it would be written.
        step: Span,
    },
    /// The same step twice.
    #[error("`policies.{name}.steps` holds {step} twice; remove one of them")]
    StepTwice {
        /// The policy.
        name: String,
        /// The step.
        step: Span,
    },
    /// A backoff of zero or less.
    #[error("`notifier.backoff` is {0}; it must be longer than zero")]
    BackoffNotPositive(Span),
    /// A backoff that would repeat nothing inside the window.
    #[error(
        "`notifier.backoff` is {backoff}, longer than `notifier.window` of {window}; shorten the one or widen the other"
    )]
    BackoffLongerThanWindow {
        /// The backoff.
        backoff: Span,
        /// The window.
        window: Span,
    },
    /// Another key holds what it cannot.
    #[error("`policies.{name}.{key}`: {reason}")]
    Value {
        /// The policy.
        name: String,
        /// The key below it.
        key: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A window of zero or less.
    #[error("`notifier.window` is {0}; it must be longer than zero")]
    WindowNotPositive(Span),
}

impl Policy {
    /// Checks and sorts. `backoff` may be any length above zero.
    ///
    /// # Errors
    /// See [`PolicyError`].
    pub fn new(
        name: impl Into<String>,
        mut steps: Vec<Span>,
        backoff: Span,
    ) -> Result<Self, PolicyError> {
        let name = name.into();
        if steps.is_empty() {
            return Err(PolicyError::NoSteps(name));
        }
        if let Some(step) = steps.iter().copied().find(|s| !s.is_positive()) {
            return Err(PolicyError::StepNotPositive { name, step });
        }
        steps.sort_unstable_by(|a, b| b.cmp(a));
        let twice = steps.iter().zip(steps.iter().skip(1)).find(|(a, b)| a == b);
        if let Some((step, _)) = twice {
            return Err(PolicyError::StepTwice { name, step: *step });
        }
        if !backoff.is_positive() {
            return Err(PolicyError::BackoffNotPositive(backoff));
        }
        Ok(Self {
            name,
            steps,
            backoff,
            ..Self::default()
        })
    }

    /// Checks what surfaces and repeats share: both longer than zero, and the backoff
    /// not longer than the window.
    ///
    /// # Errors
    /// See [`PolicyError`].
    pub fn check_window(backoff: Span, window: Span) -> Result<(), PolicyError> {
        if !window.is_positive() {
            return Err(PolicyError::WindowNotPositive(window));
        }
        if !backoff.is_positive() {
            return Err(PolicyError::BackoffNotPositive(backoff));
        }
        if backoff > window {
            return Err(PolicyError::BackoffLongerThanWindow { backoff, window });
        }
        Ok(())
    }

    /// The rule about who hears this step; `None` where the usual one counts.
    pub(super) fn audience_at(&self, step: Step) -> Option<&AudienceRule> {
        let entered = self.audience.iter().filter(|rule| rule.from <= step);
        entered.max_by_key(|rule| rule.from)
    }

    /// Where a step that falls on `at` is entered.
    pub(super) fn pulled_forward(&self, at: Instant) -> Instant {
        match &self.calendar {
            Some(calendar) => calendar.pulled_forward(at),
            None => at,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            matches: Matcher::default(),
            steps: [30, 14, 7, 3, 1].into_iter().map(Span::days).collect(),
            backoff: Span::hours(24),
            repeat_from: Span::days(3),
            calendar: None,
            hours: RecipientHours::default(),
            audience: Vec::new(),
            escalation: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(steps: &[i64]) -> Vec<Span> {
        steps.iter().copied().map(Span::days).collect()
    }

    #[test]
    fn steps_are_sorted_widest_first() {
        let policy = Policy::new("p", days(&[1, 30, 7]), Span::hours(24)).unwrap();
        assert_eq!(policy.steps, days(&[30, 7, 1]));
    }

    /// B72: what makes no sense is refused with its key.
    #[test]
    fn steps_and_backoffs_that_make_no_sense_are_refused_by_key() {
        let day = Span::hours(24);
        for (steps, backoff, key) in [
            (days(&[]), day, "policies.p.steps"),
            (days(&[7, 0]), day, "policies.p.steps"),
            (days(&[7, -1]), day, "policies.p.steps"),
            (days(&[7, 7]), day, "policies.p.steps"),
            (days(&[7]), Span::ZERO, "notifier.backoff"),
            (days(&[7]), Span::days(-1), "notifier.backoff"),
        ] {
            let error = Policy::new("p", steps, backoff).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }

    /// B72: a backoff longer than the window is refused, an equal one is not.
    #[test]
    fn a_backoff_longer_than_the_window_is_refused() {
        let window = Span::hours(168);
        assert_eq!(Policy::check_window(window, window), Ok(()));
        let longer = Span::from_micros(window.as_micros() + 1);
        assert!(Policy::check_window(longer, window).is_err());
        assert!(Policy::check_window(window, Span::ZERO).is_err());
    }
}
