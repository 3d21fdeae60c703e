//! Which cycle an end belongs to: the running one, one that is back, or a new one.

use crate::inventory::End;
use crate::kernel::{Instant, Span};

use super::{Alert, AlertKind, CredentialView, Policy, Resolution, Resolved, Subject};

/// Stamps so far ahead were written by a clock that was wrong; such a cycle is begun anew.
const WRONG_CLOCK: Span = Span::days(366);

/// So long after a cycle was over the count of a new one begins at 1 again.
const FORGETS: Span = Span::days(30);

/// The cycle that a plan works on.
#[derive(Clone, Debug)]
pub(super) struct Cycle {
    /// The alert to go on with; `None` while there is none.
    pub alert: Option<Alert>,
    /// The cycle that the moved end closed.
    pub closed: Option<Alert>,
    /// The cycle before a new one, where it is over.
    pub over: Option<Alert>,
    /// What had been over is back, and those told must hear so.
    pub reopened: bool,
    /// It was to lapse, but was used since.
    pub voided: bool,
    /// Nothing was ever said or settled before.
    pub is_first: bool,
}

impl Cycle {
    /// The cycle of `end`.
    pub fn of(
        view: &CredentialView,
        policy: &Policy,
        alert: Option<&Alert>,
        end: Instant,
        now: Instant,
    ) -> Self {
        let mut cycle = Self {
            alert: None,
            closed: None,
            over: None,
            reopened: false,
            voided: false,
            is_first: alert.is_none(),
        };
        let Some(alert) = alert else {
            return cycle;
        };
        if is_from_wrong_clock(alert, now) {
            cycle.alert = Some(anew(view, alert, end, now));
        } else if is_same_end(policy, alert.end, end) {
            cycle.go_on(view, alert);
        } else {
            cycle.begin(view, alert, end, now);
        }
        cycle
    }

    /// The end did not move.
    fn go_on(&mut self, view: &CredentialView, alert: &Alert) {
        let mut alert = alert.clone();
        match alert.resolved.map(|r| r.how) {
            None | Some(Resolution::Lapsed) => {}
            Some(Resolution::Suspended) => alert.resolved = None,
            Some(_) => {
                alert.resolved = None;
                self.reopened = true;
            }
        }
        let used_since = |asked: Instant| view.last_used_at.is_some_and(|used| used > asked);
        if alert.let_lapse.as_ref().is_some_and(|l| used_since(l.at)) {
            alert.let_lapse = None;
            self.voided = alert.resolved.is_none();
        }
        self.alert = Some(alert);
    }

    /// The end moved: later closes the running cycle, earlier goes over into the new one.
    fn begin(&mut self, view: &CredentialView, before: &Alert, end: Instant, now: Instant) {
        let running = before
            .resolved
            .is_none_or(|r| r.how == Resolution::Suspended);
        let later = before.end.is_none_or(|was| was < end);
        let mut alert = anew(view, before, end, now);
        if running && outlives_owner(view, before) {
            // The leaving is over, and was no renewal: nobody hears that it was extended.
            let how = Resolution::Lapsed;
            let mut over = before.clone();
            over.resolved = Some(Resolved { at: now, how });
            self.over = Some(over);
        } else if running && later {
            let mut closed = before.clone();
            closed.resolved = Some(Resolved {
                at: now,
                how: Resolution::Extended,
            });
            self.over = Some(closed.clone());
            self.closed = Some(closed);
        } else if running {
            alert.told.clone_from(&before.told);
        } else {
            if before.resolved.is_none_or(|r| r.at.until(now) > FORGETS) {
                alert.occurrence = 0;
            }
            self.over = Some(before.clone());
        }
        self.alert = Some(alert);
    }
}

/// Whether the cycle was about the owner's leaving, and the new one is about its own end.
fn outlives_owner(view: &CredentialView, before: &Alert) -> bool {
    let left = before.end.map(End::Known);
    view.own_end.is_some() && left == Some(view.end)
}

/// A new cycle in the same alert. The count goes on, so that an end that moves to and fro
/// never makes the same notice twice and thereby none.
fn anew(view: &CredentialView, before: &Alert, end: Instant, now: Instant) -> Alert {
    let subject = Subject::Credential(view.id.clone());
    let mut alert = Alert::open(subject, AlertKind::Expiry, Some(end), now);
    alert.version = before.version;
    alert.occurrence = before.occurrence;
    alert
}

fn is_from_wrong_clock(alert: &Alert, now: Instant) -> bool {
    alert.settled.iter().any(|s| now.until(s.at) > WRONG_CLOCK)
}

/// Sources that report an end to the minute, or compute it anew at each read, move it by
/// moments; that is no renewal. Less than an hour, less for policies with short steps.
fn is_same_end(policy: &Policy, was: Option<Instant>, end: Instant) -> bool {
    let narrowest = policy.steps.iter().min().copied().unwrap_or(Span::days(1));
    let tolerance = Span::hours(1).as_micros().min(narrowest.as_micros() / 24);
    was.is_some_and(|was| was == end || was.until(end).as_micros().abs() < tolerance)
}
