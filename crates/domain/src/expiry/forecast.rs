//! What will be said, if nobody acts: the plan run forward.

use crate::kernel::Instant;

use super::{Alert, CredentialView, Plan, Policy, Saying, plan};

/// A credential with a backoff of seconds has many repeats; nobody reads so many.
const MOST: usize = 10_000;

/// What will be said in `[from, until]` and when, assuming that each step is heard at
/// once and nobody acts. It is [`plan`] itself at each instant it asked for, so what is
/// forecast is what happens.
pub fn forecast(
    view: &CredentialView,
    policy: &Policy,
    alert: Option<&Alert>,
    from: Instant,
    until: Instant,
) -> Vec<(Instant, Saying)> {
    forecast_by(
        |alert, now| plan(view, policy, alert, now),
        alert,
        from,
        until,
    )
}

/// The same for any rule: what it gives for an alert and an instant.
pub fn forecast_by(
    rule: impl Fn(Option<&Alert>, Instant) -> Plan,
    alert: Option<&Alert>,
    from: Instant,
    until: Instant,
) -> Vec<(Instant, Saying)> {
    let mut said = Vec::new();
    let mut alert = alert.cloned();
    let mut next = Some(from);
    for _ in 0..MOST {
        let Some(now) = next.filter(|at| *at <= until) else {
            break;
        };
        let planned = rule(alert.as_ref(), now);
        alert = planned.alert;
        if let Some(saying) = planned.say {
            if let Some(alert) = &mut alert {
                alert.heard_at = Some(now);
            }
            said.push((now, saying));
        }
        next = planned.next_due_at;
    }
    said
}
