//! What people may do about an alert: acknowledge, snooze, let lapse, escalate.
//!
//! Nobody resolves an alert by hand: resolution is observed. Whether the person may act
//! at all is decided before.

use crate::kernel::{Instant, Span};

use super::{Acknowledged, Alert, AlertKind, AlertState, LetLapse, Raised, Snoozed};

/// Why an action on an alert was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The alert is over.
    #[error("this alert is resolved already; nothing needs to be done about it")]
    Resolved,
    /// The last day ignores snoozing.
    #[error("this credential ends within a day and cannot be snoozed; acknowledge it instead")]
    LastDay,
    /// The instant asked for lies in the past.
    #[error("a snooze must end in the future; give an instant later than now")]
    NotInFuture,
    /// Nothing to take back.
    #[error("this alert is not snoozed")]
    NotSnoozed,
    /// Only what ends can lapse.
    #[error("this alert is not about an end, so there is nothing to let lapse")]
    NoEnd,
    /// It has lapsed already.
    #[error("this credential has ended already; revoke it where it was issued to close the alert")]
    Ended,
    /// Only what nears its end has somebody next in line.
    #[error("only what nears its end is escalated; of this those hear already who can act")]
    NotAboutEnd,
    /// Nobody is to hear more of what may lapse.
    #[error(
        "this credential may lapse, so nobody else hears of it; use it again, or give it a new end"
    )]
    MayLapse,
    /// Those next in line were told.
    #[error("this step was escalated already; those next in line were told")]
    Escalated,
}

/// The longest snooze of an alert that is not about an end.
const LONGEST: Span = Span::days(30);
/// Before the end, nothing may be silent for the last day.
const LAST_DAY: Span = Span::days(1);

fn open(alert: &Alert) -> Result<Alert, ActionError> {
    match alert.resolved {
        Some(_) => Err(ActionError::Resolved),
        None => Ok(alert.clone()),
    }
}

/// "Somebody is on it": no repeats and no escalation until the next step.
///
/// # Errors
/// [`ActionError::Resolved`].
pub fn acknowledge(
    alert: &Alert,
    by: &str,
    note: Option<String>,
    now: Instant,
) -> Result<Alert, ActionError> {
    let mut alert = open(alert)?;
    alert.acknowledged = Some(Acknowledged {
        by: by.to_owned(),
        at: now,
        step: alert.step(),
        note,
    });
    Ok(alert)
}

/// "Not before `until`", at the latest a day before the end: a later wish is clamped.
///
/// # Errors
/// [`ActionError::Resolved`]; [`ActionError::NotInFuture`]; [`ActionError::LastDay`]
/// when the end is a day or less away, or past.
pub fn snooze(alert: &Alert, until: Instant, by: &str, now: Instant) -> Result<Alert, ActionError> {
    let mut alert = open(alert)?;
    if until <= now {
        return Err(ActionError::NotInFuture);
    }
    let latest = alert.end.map_or(now + LONGEST, |end| end - LAST_DAY);
    if latest <= now {
        return Err(ActionError::LastDay);
    }
    alert.snoozed = Some(Snoozed {
        by: by.to_owned(),
        at: now,
        until: until.min(latest),
    });
    Ok(alert)
}

/// Takes a snooze back.
///
/// # Errors
/// [`ActionError::Resolved`]; [`ActionError::NotSnoozed`] also when it is over.
pub fn unsnooze(alert: &Alert, now: Instant) -> Result<Alert, ActionError> {
    let mut alert = open(alert)?;
    match alert.snoozed.take() {
        Some(snoozed) if now < snoozed.until => Ok(alert),
        _ => Err(ActionError::NotSnoozed),
    }
}

/// "Tell those next in line": the current step is said again at once, to them too. Takes an
/// acknowledgment and a snooze back, for whoever asks says that it is not being taken care
/// of.
///
/// # Errors
/// [`ActionError::Resolved`]; [`ActionError::NotAboutEnd`]; [`ActionError::MayLapse`];
/// [`ActionError::Ended`] at the end and after it; [`ActionError::Escalated`] when the
/// current step was escalated, by hand or by the policy.
pub fn escalate(
    alert: &Alert,
    by: &str,
    note: Option<String>,
    now: Instant,
) -> Result<Alert, ActionError> {
    let mut alert = open(alert)?;
    let end = alert.end.filter(|_| alert.kind == AlertKind::Expiry);
    if end.ok_or(ActionError::NotAboutEnd)? <= now {
        return Err(ActionError::Ended);
    }
    if alert.state(now) == AlertState::LetLapse {
        return Err(ActionError::MayLapse);
    }
    let step = alert.step();
    let by_hand = alert.raised.as_ref().is_some_and(|r| r.step == step);
    if by_hand || (step.is_some() && alert.escalated == step) {
        return Err(ActionError::Escalated);
    }
    alert.acknowledged = None;
    alert.snoozed = None;
    alert.raised = Some(Raised {
        by: by.to_owned(),
        at: now,
        step,
        told: None,
        note,
    });
    Ok(alert)
}

/// "It may lapse": bound to the end the alert is about.
///
/// # Errors
/// [`ActionError::Resolved`]; [`ActionError::NoEnd`]; [`ActionError::Ended`] at the end
/// and after it.
pub fn let_lapse(
    alert: &Alert,
    by: &str,
    reason: Option<String>,
    now: Instant,
) -> Result<Alert, ActionError> {
    let mut alert = open(alert)?;
    let end = alert.end.ok_or(ActionError::NoEnd)?;
    if end <= now {
        return Err(ActionError::Ended);
    }
    alert.let_lapse = Some(LetLapse {
        by: by.to_owned(),
        at: now,
        end,
        reason,
    });
    Ok(alert)
}
