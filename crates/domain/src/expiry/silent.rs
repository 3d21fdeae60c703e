//! An integration that reports in is not heard, or says that it failed.
//!
//! Names the credentials that it depends on, for a lapsed one is the likeliest reason.

use crate::inventory::{Credential, Monitor, Outage, Pulse, State};
use crate::kernel::{Instant, Span};

use super::{Alert, AlertKind, Plan, Resolution, Subject, standing};

/// After so long admins hear too.
const ALONE: Span = Span::days(1);
/// So many credentials are named; the rest is counted.
const NAMED: usize = 5;

/// What is due for a monitor: said at once to owner and team when it is missed or says
/// that it failed, after a day to admins too, again every `backoff` unless somebody
/// acknowledged, and over when it is heard. `depends_on` are the credentials it depends on,
/// as far as they exist; `outage` is when Forewarn itself could last hear nothing.
pub fn silent(
    monitor: &Monitor,
    depends_on: &[&Credential],
    outage: Option<Outage>,
    alert: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    let pulse = monitor.pulse(outage, now);
    let wrong = sentence(monitor, pulse, depends_on, now);
    let subject = Subject::Monitor(monitor.id.clone());
    let open = alert.filter(|a| a.resolved.is_none());
    let pause = pause(open, backoff);
    let kind = AlertKind::Silent;
    let mut plan = standing(&subject, kind, wrong.as_deref(), alert, pause, now);
    let climbs_at = plan.alert.as_ref().map(|a| a.opened_at + ALONE);
    if let Some(saying) = &mut plan.say {
        saying.broken = climbs_at.is_some_and(|at| at <= now);
    }
    match pulse {
        Pulse::Paused => plan = plan.because(Resolution::Suspended),
        // Its next due instant is when a notice is said again; at the latest when admins
        // are to hear of it.
        Pulse::Silent | Pulse::Failed => {
            let climbs_at = climbs_at.filter(|at| *at > now);
            let sooner = |next: Instant| climbs_at.map_or(next, |at| at.min(next));
            plan.next_due_at = plan.next_due_at.map(sooner);
        }
        Pulse::New | Pulse::Up | Pulse::Late => {
            plan.next_due_at = Some(monitor.missed_after(outage) + Span::from_micros(1));
        }
    }
    plan
}

/// How long after the last saying the next one comes: the backoff, but not later than a
/// day after the first.
fn pause(open: Option<&Alert>, backoff: Span) -> Span {
    let Some((opened, said)) = open.and_then(|a| Some((a.opened_at, a.said_at?))) else {
        return backoff.min(ALONE);
    };
    let alone = said.until(opened + ALONE);
    if alone.is_positive() {
        backoff.min(alone)
    } else {
        backoff
    }
}

fn sentence(
    monitor: &Monitor,
    pulse: Pulse,
    depends_on: &[&Credential],
    now: Instant,
) -> Option<String> {
    let what = match (pulse, monitor.last_ping_at) {
        (Pulse::Failed, _) => {
            let at = monitor.failed_at?;
            format!("it said at {at} that it failed")
        }
        (Pulse::Silent, Some(_)) => format!(
            "it has not been heard since {}, and reports in every {}",
            monitor.heard_at(),
            monitor.period
        ),
        (Pulse::Silent, None) => format!(
            "it has never been heard; it was to report in every {} from {} on",
            monitor.period, monitor.counts_from
        ),
        _ => return None,
    };
    let mut named: Vec<(bool, String)> = depends_on
        .iter()
        .map(|credential| (works(credential, now), dependency(credential, now)))
        .collect();
    // What does not work comes first.
    named.sort();
    let others = named.len().saturating_sub(NAMED);
    let mut named: Vec<String> = named.into_iter().take(NAMED).map(|(_, it)| it).collect();
    if others > 0 {
        named.push(format!("and {others} more"));
    }
    Some(if named.is_empty() {
        what
    } else {
        format!("{what}; it depends on {}", named.join(", "))
    })
}

fn works(credential: &Credential, now: Instant) -> bool {
    let fine = matches!(credential.state(now), State::Active | State::UnknownEnd);
    fine && credential.refused.is_none()
}

/// `export-key, which ended at …`: the name and what is known of its state.
fn dependency(credential: &Credential, now: Instant) -> String {
    let end = credential.expires_at();
    let state = match (credential.state(now), &credential.refused, end) {
        (State::Revoked, ..) => match credential.revoked_at {
            Some(at) => format!("which was revoked at {at}"),
            None => "which was revoked".to_owned(),
        },
        (State::Gone, ..) => "which no longer exists in its system".to_owned(),
        (State::Expired, _, Some(at)) => format!("which ended at {at}"),
        (_, Some(refused), _) => format!("which its issuer refuses since {}", refused.since),
        (State::Suspended, ..) => "which is suspended, as its owner is".to_owned(),
        (_, None, Some(at)) => format!("which ends at {at}"),
        (_, None, None) => "which has no known end".to_owned(),
    };
    format!("{}, {state}", credential.name)
}
