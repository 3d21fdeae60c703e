//! What will be said, if nobody acts: the plan run forward.

use crate::kernel::Instant;

use super::{Alert, CredentialView, Plan, Policy, Saying, plan};

/// A credential with a backoff of seconds has many repeats; nobody reads so many.
const MOST: usize = 10_000;

/// One thing that will be said. Where `saying.newcomers_only` is set it already stands, and
/// only those hear it who do not know it yet: somebody may have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foretold {
    /// When.
    pub at: Instant,
    /// What.
    pub saying: Saying,
    /// About which end.
    pub end: Option<Instant>,
    /// When the step after it is entered, as in [`super::Plan::next_step_at`].
    pub next_step_at: Option<Instant>,
}

/// What will be said in `[from, until]` and when, assuming that each step is heard at
/// once and nobody acts. It is [`plan`] itself at each instant it asked for, so what is
/// forecast is what happens. `policy_at` says which policy applies at an instant, and when
/// another one or other people may by time alone.
pub fn forecast<'a>(
    view: &CredentialView,
    policy_at: impl Fn(Instant) -> (&'a Policy, Option<Instant>),
    alert: Option<&Alert>,
    from: Instant,
    until: Instant,
) -> Vec<Foretold> {
    let rule = |alert: Option<&Alert>, now| {
        let (policy, turns_at) = policy_at(now);
        let mut planned = plan(view, policy, alert, now);
        let turns_at = turns_at.filter(|at| *at > now);
        planned.next_due_at = [planned.next_due_at, turns_at].into_iter().flatten().min();
        planned
    };
    forecast_by(rule, alert, from, until)
}

/// The same for any rule: what it gives for an alert and an instant.
pub fn forecast_by(
    rule: impl Fn(Option<&Alert>, Instant) -> Plan,
    alert: Option<&Alert>,
    from: Instant,
    until: Instant,
) -> Vec<Foretold> {
    let mut said = Vec::new();
    let mut alert = alert.cloned();
    let mut next = Some(from);
    for _ in 0..MOST {
        let Some(now) = next.filter(|at| *at <= until) else {
            break;
        };
        let planned = rule(alert.as_ref(), now);
        alert = planned.alert;
        let is_new = planned.say.is_some();
        if let Some(saying) = planned.say.or(planned.standing) {
            if let Some(alert) = alert.as_mut().filter(|_| is_new) {
                alert.heard_at = Some(now);
            }
            said.push(Foretold {
                at: now,
                saying,
                end: alert.as_ref().and_then(|a| a.end),
                next_step_at: planned.next_step_at,
            });
        }
        next = planned.next_due_at;
    }
    said
}
