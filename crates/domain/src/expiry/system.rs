//! Something is wrong with Forewarn itself.

use crate::kernel::{Instant, Span};

use super::{Alert, AlertKind, CredentialView, Plan, Policy, Reason, Subject, plan, standing};

/// No way out reaches a person, or nobody is there to be reached.
pub fn no_way_out(wrong: Option<&str>, alert: Option<&Alert>, backoff: Span, now: Instant) -> Plan {
    let subject = Subject::System("audience".to_owned());
    standing(&subject, AlertKind::NoWayOut, wrong, alert, backoff, now)
}

/// What the hourly comparison of what was due, said and heard found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// The last complete sweep, if that is too long ago.
    pub swept_at: Option<Instant>,
    /// Since when a message waits that nobody takes.
    pub waiting_since: Option<Instant>,
    /// Credentials of which a step was due and is not said.
    pub unsaid: u64,
    /// Credentials of which a step was said and nobody heard it.
    pub unheard: u64,
}

impl Books {
    /// The sentence of the alert; `None` while the books balance.
    pub fn wrong(&self) -> Option<String> {
        let swept = self.swept_at;
        let waits = self.waiting_since;
        let found = [
            swept.map(|at| format!("no sweep has been completed since {at}")),
            waits.map(|at| format!("a message has waited since {at} and nobody sends it")),
            counted(
                self.unsaid,
                "was due and is not said",
                "were due and are not said",
            ),
            counted(
                self.unheard,
                "was said and nobody heard it",
                "were said and nobody heard them",
            ),
        ];
        let found: Vec<String> = found.into_iter().flatten().collect();
        (!found.is_empty()).then(|| found.join("; "))
    }
}

fn counted(count: u64, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 warning {one}")),
        n => Some(format!("{n} warnings {many}")),
    }
}

/// What was due, said and heard differs: the scheduler or the delivery stands still, or
/// something was passed over.
pub fn stalled(books: &Books, alert: Option<&Alert>, backoff: Span, now: Instant) -> Plan {
    let subject = Subject::System("notifier".to_owned());
    let (kind, wrong) = (AlertKind::Stalled, books.wrong());
    standing(&subject, kind, wrong.as_deref(), alert, backoff, now)
}

/// The last resort could not be reached: `wrong` says how that was found.
pub fn unreachable(
    wrong: Option<&str>,
    alert: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    let subject = Subject::System("catch-all".to_owned());
    let kind = AlertKind::Undeliverable;
    standing(&subject, kind, wrong, alert, backoff, now)
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
