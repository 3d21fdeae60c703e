//! Something is wrong with Forewarn itself.

use crate::kernel::{Instant, Span};

use super::{Alert, AlertKind, CredentialView, Plan, Policy, Reason, Subject, plan, standing};

/// No way out reaches a person, or nobody is there to be reached.
pub fn no_way_out(wrong: Option<&str>, alert: Option<&Alert>, backoff: Span, now: Instant) -> Plan {
    let subject = Subject::System("audience".to_owned());
    standing(&subject, AlertKind::NoWayOut, wrong, alert, backoff, now)
}

/// The scheduler stands still: `since` is its last complete sweep, `patience` how old
/// that may grow.
pub fn stalled(
    since: Option<Instant>,
    patience: Span,
    alert: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    let wrong = since
        .filter(|since| since.until(now) > patience)
        .map(|since| format!("no sweep has been completed since {since}"));
    let subject = Subject::System("notifier".to_owned());
    standing(
        &subject,
        AlertKind::Stalled,
        wrong.as_deref(),
        alert,
        backoff,
        now,
    )
}

/// Whether this credential lapsed while Forewarn was down: known before `down_since`,
/// ended in `(down_since, now]`, and a step was never settled. Ask at the first start,
/// before the first sweep settles it.
pub fn lapsed_while_down(
    view: &CredentialView,
    policy: &Policy,
    alert: Option<&Alert>,
    down_since: Instant,
    now: Instant,
) -> bool {
    let crate::inventory::End::Known(end) = view.end else {
        return false;
    };
    let known = view.first_seen_at <= down_since;
    let lapsed = down_since < end && end <= now;
    let unsettled = matches!(
        plan(view, policy, alert, now).reason,
        Reason::Entered | Reason::DiscoveredLate
    );
    known && lapsed && unsettled
}

/// Says once, at the first start after the gap, how many credentials lapsed in it. There
/// is nothing to repeat; it closes when somebody acknowledged it or after a week.
pub fn lapsed(count: u64, alert: Option<&Alert>, now: Instant) -> Plan {
    let subject = Subject::System("notifier".to_owned());
    let said = alert
        .filter(|a| a.resolved.is_none())
        .and_then(|a| a.said_at);
    let recent = said.is_some_and(|at| at.until(now) < WEEK);
    let acknowledged = alert.is_some_and(|a| a.acknowledged.is_some());
    let wrong = match count {
        0 if recent && !acknowledged => alert.and_then(|a| a.detail.clone()),
        0 => None,
        1 => Some("1 credential lapsed while Forewarn was down".to_owned()),
        n => Some(format!("{n} credentials lapsed while Forewarn was down")),
    };
    standing(
        &subject,
        AlertKind::LapsedWhileDown,
        wrong.as_deref(),
        alert,
        WEEK,
        now,
    )
}

const WEEK: Span = Span::days(7);
