//! Something is wrong now, and stays said until it is right again: the rule that
//! channels, sources and Forewarn itself share.

use std::collections::BTreeSet;

use crate::kernel::{Instant, Span};

use super::{
    Alert, AlertKind, How, Plan, Reason, Resolution, Resolved, Saying, Settlement, Step, Subject,
};

/// Says at once that something is wrong (`wrong` is the sentence), again every `backoff`
/// unless somebody acknowledged or snoozed it, and that it is right again.
///
/// An acknowledgement lasts until it is right again. A changed sentence is stored but
/// says nothing new.
pub fn standing(
    subject: &Subject,
    kind: AlertKind,
    wrong: Option<&str>,
    alert: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    match (wrong, alert.filter(|a| a.resolved.is_none())) {
        (None, None) => Plan::silent(alert, Reason::NotDue),
        (None, Some(open)) => recovered(open, now),
        (Some(detail), None) => opened(subject, kind, detail, alert, backoff, now),
        (Some(detail), Some(open)) => still_wrong(open, detail, backoff, now),
    }
}

fn saying(occurrence: u32, reason: Reason) -> Saying {
    Saying {
        step: Step::Now,
        occurrence,
        reason,
        scaled: false,
        acknowledged: false,
        let_lapse: false,
        still_used: false,
        newer_exists: false,
        broken: false,
        newcomers_only: false,
        gathers: false,
        whom: None,
        escalated_to: BTreeSet::new(),
    }
}

fn recovered(open: &Alert, now: Instant) -> Plan {
    let mut closed = open.clone();
    closed.resolved = Some(Resolved {
        at: now,
        how: Resolution::Recovered,
    });
    let mut plan = Plan::silent(Some(&closed), Reason::Over);
    plan.resolved = Some(Resolution::Recovered);
    plan.closed = Some(closed);
    plan
}

fn opened(
    subject: &Subject,
    kind: AlertKind,
    detail: &str,
    before: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    let mut alert = Alert::open(subject.clone(), kind, None, now);
    // The key of a notice holds no end here, so the count goes on across cycles: what
    // breaks again is said again.
    alert.occurrence = before.map_or(0, |b| b.occurrence);
    alert.version = before.map_or(0, |b| b.version);
    alert.detail = Some(detail.to_owned());
    alert.settled.push(Settlement {
        step: Step::Now,
        how: How::Said,
        at: now,
    });
    said(alert, Reason::Wrong, backoff, now)
}

fn said(mut alert: Alert, reason: Reason, backoff: Span, now: Instant) -> Plan {
    alert.occurrence = alert.occurrence.saturating_add(1);
    alert.said_at = Some(now);
    let mut plan = Plan::silent(Some(&alert), reason);
    plan.say = Some(saying(alert.occurrence, reason));
    plan.next_due_at = later(now + backoff, now);
    plan
}

fn still_wrong(open: &Alert, detail: &str, backoff: Span, now: Instant) -> Plan {
    let mut alert = open.clone();
    alert.detail = Some(detail.to_owned());
    if alert.acknowledged.is_some() {
        return Plan::silent(Some(&alert), Reason::Acknowledged);
    }
    if let Some(snoozed) = alert.snoozed.as_ref().filter(|s| now < s.until) {
        let mut plan = Plan::silent(Some(&alert), Reason::Snoozed);
        plan.next_due_at = Some(snoozed.until);
        return plan;
    }
    let due = alert.said_at.map_or(now, |said| said + backoff);
    if due <= now {
        return said(alert, Reason::Repeat, backoff, now);
    }
    let mut plan = Plan::silent(Some(&alert), Reason::NotDue);
    plan.next_due_at = Some(due);
    plan
}

fn later(at: Instant, now: Instant) -> Option<Instant> {
    (at > now).then_some(at)
}
