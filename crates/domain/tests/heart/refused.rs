//! An issuer that refuses what nobody ended.

use domain::expiry::{
    Alert, AlertKind, CredentialView, Plan, Reason, Resolution, Step, acknowledge, refused,
};
use domain::inventory::{End, Refused};
use domain::kernel::{Instant, Span};
use proptest::prelude::*;

use crate::world::*;

const DAY: Span = Span::days(1);

fn since(at: Instant) -> CredentialView {
    CredentialView {
        refused: Some(Refused {
            since: at,
            why: "it answered 401".to_owned(),
        }),
        ..view()
    }
}

fn look(view: &CredentialView, before: Option<&Plan>, now: Instant) -> Plan {
    refused(view, before.and_then(|p| p.alert.as_ref()), DAY, now)
}

/// F28: what is refused is broken now.
#[test]
fn a_refusal_is_said_at_once_and_climbs_to_admins() {
    let view = since(before(50));
    let said = look(&view, None, before(50));
    let saying = said.say.clone().unwrap();
    assert_eq!((saying.step, saying.broken), (Step::Now, true));
    assert_eq!(said.next_due_at, Some(before(49)));
    let detail = said.alert.as_ref().and_then(|a| a.detail.clone()).unwrap();
    assert!(detail.contains("it answered 401"), "{detail}");
    let again = look(&view, Some(&said), before(49));
    assert_eq!(again.reason, Reason::Repeat);
    assert!(again.say.is_some_and(|s| s.broken && s.occurrence == 2));
}

#[test]
fn an_acknowledged_refusal_is_not_repeated() {
    let view = since(before(50));
    let mut said = look(&view, None, before(50));
    said.alert = Some(acknowledge(&said.alert.unwrap(), "a", None, before(50)).unwrap());
    assert_eq!(look(&view, Some(&said), before(40)).say, None);
}

#[test]
fn it_is_over_when_it_is_accepted_revoked_replaced_or_gone() {
    let open = look(&since(before(50)), None, before(50));
    let over = |change: fn(&mut CredentialView)| {
        let mut view = since(before(50));
        change(&mut view);
        let plan = look(&view, Some(&open), before(49));
        let stands: Option<Alert> = plan.alert.clone();
        (
            plan.resolved,
            stands.and_then(|a| a.resolved).map(|r| r.how),
        )
    };
    let said = |how| (Some(how), Some(how));
    assert_eq!(over(|v| v.refused = None), said(Resolution::Recovered));
    assert_eq!(
        over(|v| v.revoked_at = Some(before(49))),
        said(Resolution::Revoked)
    );
    assert_eq!(
        over(|v| v.gone_at = Some(before(49))),
        said(Resolution::Gone)
    );
    assert_eq!(over(|v| v.rotated = true), said(Resolution::Rotated));
    assert_eq!(
        over(|v| v.suspended = true),
        (None, Some(Resolution::Suspended))
    );
}

#[test]
fn what_ended_before_is_refused_rightly() {
    for (at, news) in [(END - TICK, true), (END, false), (END + TICK, false)] {
        let plan = look(&since(at), None, END + DAY);
        assert_eq!(plan.say.is_some(), news, "{at}");
    }
    let mut endless = since(END + DAY);
    endless.end = End::Unknown;
    assert!(look(&endless, None, END + DAY).say.is_some());
}

#[test]
fn a_refusal_changes_nothing_about_the_steps_to_the_end() {
    let mut world = World::of(since(before(50)));
    world.run(before(200), END);
    let mut accepted = World::new();
    accepted.run(before(200), END);
    assert_eq!(world.steps(), accepted.steps());
}

proptest! {
    /// Whatever happens to it, one refusal is said once an interval of repeats at most.
    #[test]
    fn nothing_is_said_twice_within_a_backoff(
        looks in proptest::collection::vec((0_i64..400, any::<bool>()), 1..60)
    ) {
        let mut hours: Vec<_> = looks;
        hours.sort_unstable();
        let mut plan: Option<Plan> = None;
        let mut last: Option<Instant> = None;
        let mut open = false;
        for (hour, refuses) in hours {
            let now = before(100) + Span::hours(hour);
            let mut view = since(before(100));
            if !refuses {
                view.refused = None;
            }
            let next = look(&view, plan.as_ref(), now);
            if next.say.is_some() {
                prop_assert!(refuses);
                prop_assert!(!open || last.is_some_and(|at| at.until(now) >= DAY));
                last = Some(now);
            }
            prop_assert!(next.next_due_at.is_none_or(|at| at > now));
            open = next.alert.as_ref().is_some_and(|a| a.resolved.is_none());
            prop_assert_eq!(open, refuses);
            prop_assert!(next.alert.as_ref().is_none_or(|a| a.kind == AlertKind::Refused));
            plan = Some(next);
        }
    }
}
