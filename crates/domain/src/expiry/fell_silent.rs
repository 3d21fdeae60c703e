//! Used yesterday, silent today: a credential that was used regularly is used no longer.
//!
//! Knows whole days of use and the latest instant, nothing of hours. What nobody expects
//! to be used (ended, revoked, replaced, to be let lapse) never falls silent.

use crate::inventory::{DaysOfUse, End, Habit};
use crate::kernel::{Instant, Span};

use super::plan::over;
use super::{Alert, AlertKind, CredentialView, Plan, Resolution, Subject, standing};

/// The habit is read from so many days up to the latest use.
const WINDOW: u32 = 28;
/// Used on fewer days than this there is no habit.
const DAYS_MIN: u32 = 5;
/// Nor before the days of use reach over a week: until then nobody knows its weekends.
const REACH_MIN: u32 = 6;
/// A habit that is not there yet is looked for again after so long.
const PATIENCE: Span = Span::days(7);
/// Longer than any silence: said once.
const NEVER: Span = Span::days(3_650);

/// What is due because a credential whose days of use are counted is used no longer: said
/// once, to owner and team, and over when it is used. `expiry` is its alert of the kind
/// `expiry`, which knows whether it may lapse.
///
/// It fell silent when it was used on at least five of the 28 days up to its latest use,
/// over a week or more, and was not used since for longer than the longest gap between two
/// of these days and a day more. Who works from Monday to Friday has a gap of three days
/// and never alarms.
pub fn fell_silent(
    view: &CredentialView,
    expiry: Option<&Alert>,
    alert: Option<&Alert>,
    now: Instant,
) -> Plan {
    let ended = over(view).or_else(|| lapse(view, expiry, now));
    let expected = expected(view).filter(|_| ended.is_none());
    let silent = expected.as_ref().filter(|expected| expected.by < now);
    let wrong = silent.map(Expected::sentence);
    let subject = Subject::Credential(view.id.clone());
    let kind = AlertKind::FellSilent;
    let mut plan = standing(&subject, kind, wrong.as_deref(), alert, NEVER, now);
    if let Some(how) = ended {
        plan = plan.because(how);
    }
    plan.next_due_at = match expected {
        Some(expected) if now <= expected.by => Some(expected.by + Span::from_micros(1)),
        // Use ends it, and use is counted without a plan of its own.
        Some(_) => Some(now + Span::days(1)),
        None => habit_to_come(view, now).filter(|_| ended.is_none()),
    };
    plan
}

/// A use that was to come.
struct Expected {
    last: Instant,
    by: Instant,
    habit: Habit,
}

impl Expected {
    fn sentence(&self) -> String {
        format!(
            "it was used on {} of {WINDOW} days, and last at {}; so long a silence is new",
            self.habit.days, self.last
        )
    }
}

/// Until when the next use was to come, where there is a habit.
fn expected(view: &CredentialView) -> Option<Expected> {
    let last = view.last_used_at?;
    let habit = view.days.map(|days: DaysOfUse| days.habit(WINDOW))?;
    let by = last + Span::days(i64::from(habit.longest_gap) + 1);
    (habit.days >= DAYS_MIN && habit.reach >= REACH_MIN).then_some(Expected { last, by, habit })
}

/// When to look for a habit that is not there yet; what was not used for a week has none,
/// and its next use is news by itself.
fn habit_to_come(view: &CredentialView, now: Instant) -> Option<Instant> {
    view.days?;
    let look = view.last_used_at? + PATIENCE;
    (look > now).then_some(look)
}

/// What lapsed, or shall lapse, is not missed.
fn lapse(view: &CredentialView, expiry: Option<&Alert>, now: Instant) -> Option<Resolution> {
    let ended = matches!(view.end, End::Known(end) if end <= now);
    let shall = expiry
        .and_then(|alert| alert.let_lapse.as_ref())
        .is_some_and(|wish| view.end == End::Known(wish.end));
    (ended || shall).then_some(Resolution::Lapsed)
}
