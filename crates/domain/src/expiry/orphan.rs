//! Nobody who can act owns a credential, nobody would hear of its end, or an integration
//! hangs on a person.

use crate::inventory::End;
use crate::kernel::{Instant, Span};

use super::{Alert, AlertKind, CredentialView, Plan, Reason, Subject, Whom, standing};

/// The first Monday at 08:00 UTC, counted from the epoch.
const FIRST_MONDAY: Span = Span::hours(4 * 24 + 8);
const WEEK: Span = Span::days(7);

/// How long after `said` it is said again: until the Monday that is at least a day away.
/// All findings are said again at the same instant, so that one message names them all.
fn until_monday(said: Instant) -> Span {
    let day_later = (said + Span::days(1)).as_micros() - FIRST_MONDAY.as_micros();
    let weeks = day_later.div_euclid(WEEK.as_micros()) + 1;
    let monday = Instant::from_micros(FIRST_MONDAY.as_micros() + weeks * WEEK.as_micros());
    said.until(monday)
}

/// Says it at once, and again on Mondays until somebody acts.
fn weekly(
    view: &CredentialView,
    kind: AlertKind,
    wrong: Option<&str>,
    alert: Option<&Alert>,
    now: Instant,
) -> Plan {
    let subject = Subject::Credential(view.id.clone());
    let open = alert.filter(|a| a.resolved.is_none());
    let said = open.and_then(|a| a.said_at).unwrap_or(now);
    let mut plan = standing(&subject, kind, wrong, alert, until_monday(said), now);
    if plan.say.is_some() {
        plan.next_due_at = Some(now + until_monday(now));
    }
    plan
}

/// What is due because nobody who can act owns the credential.
pub fn orphaned(view: &CredentialView, alert: Option<&Alert>, now: Instant) -> Plan {
    let wrong = (view.orphaned && works(view, now))
        .then_some("nobody who can act owns this credential; assign an owner");
    let mut plan = weekly(view, AlertKind::Orphaned, wrong, alert, now);
    if let Some(saying) = &mut plan.say {
        // Whoever inherits hears, and whoever can assign an owner.
        saying.whom = Some([Whom::Team, Whom::Admins, Whom::Channels].into());
    }
    plan
}

/// What is due because nobody at all would hear of the credential's end: `nobody` is
/// what `notice::audience` found.
pub fn unheard(view: &CredentialView, nobody: bool, alert: Option<&Alert>, now: Instant) -> Plan {
    let wrong = (nobody && works(view, now))
        .then_some("nobody would hear of this credential's end; assign an owner who can be reached, or set audience.catch_all");
    weekly(view, AlertKind::Unheard, wrong, alert, now)
}

/// What is due because a person carries an integration with it: `carries` is what
/// `Credential::carries_for_a_person` found. There is time, so it waits for the first
/// Monday after the credential was seen; those who run Forewarn hear.
pub fn carried(view: &CredentialView, carries: bool, alert: Option<&Alert>, now: Instant) -> Plan {
    let wrong = (carries && works(view, now)).then_some(
        "an integration hangs on a person; move it to a service account before they leave",
    );
    let open = alert.is_some_and(|a| a.resolved.is_none());
    let opens_at = view.first_seen_at + until_monday(view.first_seen_at);
    if wrong.is_some() && !open && now < opens_at {
        let mut plan = Plan::silent(alert, Reason::NotDue);
        plan.next_due_at = Some(opens_at);
        return plan;
    }
    weekly(view, AlertKind::Carried, wrong, alert, now)
}

fn works(view: &CredentialView, now: Instant) -> bool {
    let ended = matches!(view.end, End::Known(end) if end <= now);
    !ended
        && !view.rotated
        && !view.suspended
        && view.revoked_at.is_none()
        && view.gone_at.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_said_again_on_the_monday_at_least_a_day_away() {
        for (said, again) in [
            ("2026-11-26T12:00:00Z", "2026-11-30T08:00:00Z"),
            ("2026-11-29T07:59:59Z", "2026-11-30T08:00:00Z"),
            ("2026-11-29T08:00:00Z", "2026-12-07T08:00:00Z"),
            ("2026-11-30T08:00:00Z", "2026-12-07T08:00:00Z"),
        ] {
            let said = Instant::parse(said).unwrap();
            let again = Instant::parse(again).unwrap();
            assert_eq!(said + until_monday(said), again, "{said}");
        }
    }
}
