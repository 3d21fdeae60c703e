//! A credential is used when it should not be any more.

use crate::inventory::End;
use crate::kernel::{Instant, Span};

use super::{Alert, AlertKind, CredentialView, Overlap, Plan, Subject, standing};

/// Use is worth a word again after so long, and forgotten after so long without any.
const WEEK: Span = Span::days(7);

/// An ended credential (expired or revoked) is still used: an alert of its own, said
/// again after a week if it was used since, over after a week without use or when its
/// end moved past the use.
pub fn used_after_end(view: &CredentialView, alert: Option<&Alert>, now: Instant) -> Plan {
    let subject = Subject::Credential(view.id.clone());
    let used = view.last_used_at.filter(|used| {
        let after = ended_at(view).is_some_and(|end| end <= *used && end <= now);
        after && used.until(now) <= WEEK
    });
    let wrong = used.map(|at| format!("it was used at {at}, after its end"));
    let mut plan = standing(
        &subject,
        AlertKind::UsedAfterEnd,
        wrong.as_deref(),
        alert,
        WEEK,
        now,
    );
    if let Some(used) = used {
        let forgotten = used + WEEK + Span::from_micros(1);
        plan.next_due_at = plan
            .next_due_at
            .map(|at| at.min(forgotten))
            .filter(|at| *at > now);
    }
    plan
}

/// A token that its own rotation replaced is still used after half the overlap: said
/// once, to owner and team, and over when the overlap is.
pub fn used_in_overlap(view: &CredentialView, alert: Option<&Alert>, now: Instant) -> Plan {
    let subject = Subject::Credential(view.id.clone());
    let running = view
        .overlap
        .filter(|o| now < o.until && view.revoked_at.is_none());
    let late = |half: Instant| view.last_used_at.is_some_and(|used| used >= half);
    let wrong = running
        .filter(|overlap| late(overlap.half()))
        .map(|o| format!("the old value is still in use and stops at {}", o.until));
    let mut plan = standing(
        &subject,
        AlertKind::UsedInOverlap,
        wrong.as_deref(),
        alert,
        NEVER,
        now,
    );
    let said = plan.alert.as_ref().is_some_and(|a| a.resolved.is_none());
    plan.next_due_at = running.map(|overlap| look_again(overlap, said, now));
    plan
}

/// When to look again during an overlap: at its half; then, as use is flushed without a
/// plan of its own, halfway to its end each time; and at its end.
fn look_again(overlap: Overlap, said: bool, now: Instant) -> Instant {
    let halfway = Span::from_micros(now.until(overlap.until).as_micros() / 2);
    if now < overlap.half() {
        overlap.half()
    } else if said || halfway < Span::minutes(1) {
        overlap.until
    } else {
        now + halfway
    }
}

/// Longer than any overlap: said once.
const NEVER: Span = Span::days(3_650);

fn ended_at(view: &CredentialView) -> Option<Instant> {
    let end = match view.end {
        End::Known(end) => Some(end),
        End::Never | End::Unknown => None,
    };
    [end, view.revoked_at].into_iter().flatten().min()
}
