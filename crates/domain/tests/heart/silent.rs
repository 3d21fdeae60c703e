//! Integrations that report in.

use domain::expiry::{Plan, Reason, Resolution, acknowledge, silent};
use domain::inventory::{Credential, End, Monitor, Outage, PingKey, Pulse};
use domain::kernel::{Instant, MonitorId, Name, Span};
use proptest::prelude::*;

use crate::audience::credential;
use crate::world::*;

const DAY: Span = Span::days(1);
const HOUR: Span = Span::hours(1);

fn start() -> Instant {
    before(100)
}

/// Reports in every day, with an hour of grace; set up at [`start`].
fn monitor() -> Monitor {
    Monitor {
        id: MonitorId::parse("mon_1").unwrap(),
        key: PingKey::parse("0123456789ABCDEFGHIJKL").unwrap(),
        name: Name::parse("nightly export").unwrap(),
        period: DAY,
        grace: HOUR,
        owner: None,
        team: None,
        depends_on: Default::default(),
        created_at: start(),
        counts_from: start(),
        paused_at: None,
        last_ping_at: None,
        failed_at: None,
        pings: 0,
        version: 1,
    }
}

fn look(monitor: &Monitor, before: Option<&Plan>, now: Instant) -> Plan {
    with_backoff(monitor, before, DAY, now)
}

fn with_backoff(monitor: &Monitor, before: Option<&Plan>, backoff: Span, now: Instant) -> Plan {
    let alert = before.and_then(|p| p.alert.as_ref());
    silent(monitor, &[], None, alert, backoff, now)
}

/// F28: silence past period and grace, to the microsecond, is said at once.
#[test]
fn silence_is_said_when_period_and_grace_are_over() {
    let mut monitor = monitor();
    for last in [None, Some(start() + Span::days(3))] {
        monitor.last_ping_at = last;
        let limit = last.unwrap_or(start()) + DAY + HOUR;
        for (now, said) in [(limit - TICK, false), (limit, false), (limit + TICK, true)] {
            let plan = look(&monitor, None, now);
            assert_eq!(plan.say.is_some(), said, "{now}");
            if !said {
                assert_eq!(plan.next_due_at, Some(limit + TICK));
            }
        }
    }
}

#[test]
fn admins_hear_after_a_day_whatever_the_backoff() {
    for backoff in [Span::hours(10), DAY, Span::days(7)] {
        let monitor = monitor();
        let opened = start() + Span::days(2);
        let mut plan = with_backoff(&monitor, None, backoff, opened);
        let mut said = vec![(opened, plan.say.clone().unwrap().broken)];
        while let Some(now) = plan.next_due_at.filter(|at| *at <= opened + Span::days(2)) {
            plan = with_backoff(&monitor, Some(&plan), backoff, now);
            said.extend(plan.say.clone().map(|s| (now, s.broken)));
        }
        let climbed = said.iter().find(|(_, broken)| *broken).map(|(at, _)| *at);
        assert_eq!(climbed, Some(opened + DAY), "{backoff}");
        assert!(!said[0].1);
    }
}

#[test]
fn what_is_acknowledged_is_not_repeated_and_does_not_climb() {
    let monitor = monitor();
    let mut said = look(&monitor, None, start() + Span::days(2));
    said.alert = Some(acknowledge(&said.alert.unwrap(), "a", None, start()).unwrap());
    let later = look(&monitor, Some(&said), start() + Span::days(9));
    assert_eq!((later.say, later.reason), (None, Reason::Acknowledged));
}

#[test]
fn being_heard_ends_it() {
    let mut monitor = monitor();
    let said = look(&monitor, None, start() + Span::days(2));
    let heard = start() + Span::days(3);
    monitor.last_ping_at = Some(heard);
    let plan = look(&monitor, Some(&said), heard);
    assert_eq!(plan.resolved, Some(Resolution::Recovered));
    assert_eq!(plan.next_due_at, Some(heard + DAY + HOUR + TICK));
    let again = look(&monitor, Some(&plan), heard + Span::days(2));
    assert_eq!(again.say.map(|s| s.occurrence), Some(2));
}

#[test]
fn a_failure_is_said_at_once_and_ends_with_the_next_word() {
    let mut monitor = monitor();
    monitor.last_ping_at = Some(start() + HOUR);
    monitor.failed_at = Some(start() + Span::hours(2));
    let said = look(&monitor, None, start() + Span::hours(2));
    let detail = said.alert.as_ref().and_then(|a| a.detail.clone()).unwrap();
    assert!(
        said.say.is_some() && detail.contains("it failed"),
        "{detail}"
    );
    monitor.last_ping_at = Some(start() + Span::hours(3));
    let well = look(&monitor, Some(&said), start() + Span::hours(3));
    assert_eq!(well.resolved, Some(Resolution::Recovered));
}

#[test]
fn nobody_misses_what_is_paused() {
    let mut monitor = monitor();
    let said = look(&monitor, None, start() + Span::days(2));
    monitor.paused_at = Some(start() + Span::days(2));
    let paused = look(&monitor, Some(&said), start() + Span::days(3));
    assert_eq!(
        (paused.say, paused.resolved, paused.next_due_at),
        (None, None, None)
    );
    assert!(paused.alert.is_some_and(|a| a.resolved.is_some()));
    monitor.paused_at = None;
    monitor.counts_from = start() + Span::days(50);
    assert_eq!(monitor.pulse(None, start() + Span::days(50)), Pulse::New);
}

#[test]
fn the_notice_names_what_it_depends_on_and_what_became_of_it() {
    let now = start() + Span::days(2);
    let named = |name: &str, change: fn(&mut Credential)| {
        let mut one = credential(End::Never);
        one.name = Name::parse(name).unwrap();
        change(&mut one);
        one
    };
    let fine = named("a-fine", |_| {});
    let lapsed = named("z-lapsed", |c| c.end = End::Known(start() + DAY));
    let revoked = named("y-revoked", |c| c.revoked_at = Some(start()));
    let plan = silent(
        &monitor(),
        &[&fine, &lapsed, &revoked],
        None,
        None,
        DAY,
        now,
    );
    let detail = plan.alert.unwrap().detail.unwrap();
    let want = format!(
        "it depends on y-revoked, which was revoked at {}, z-lapsed, which ended at {}, \
         a-fine, which has no known end",
        start(),
        start() + DAY
    );
    assert!(detail.ends_with(&want), "{detail}");
}

#[test]
fn what_was_to_be_heard_while_nobody_listened_gets_its_next_time() {
    let mut monitor = monitor();
    let last = start() + Span::days(10);
    monitor.last_ping_at = Some(last);
    let until = |from: Span, until: Span| {
        let outage = Outage {
            from: last + from,
            until: last + until,
        };
        last.until(monitor.missed_after(Some(outage)))
    };
    let plain = last.until(last + DAY + HOUR);
    let hours = Span::hours;
    // Not expected while nobody listened.
    assert_eq!(until(hours(1), hours(23)), plain);
    // Expected while nobody listened.
    assert_eq!(until(hours(23), hours(24)), plain);
    assert_eq!(
        until(hours(23), hours(30)),
        last.until(last + Span::days(2) + HOUR)
    );
    assert_eq!(
        until(hours(1), hours(24 * 5 + 1)),
        last.until(last + Span::days(6) + HOUR)
    );
    // Missed already when the listening ended.
    assert_eq!(until(hours(26), hours(50)), plain);
}

#[test]
fn a_key_does_not_print_and_is_22_letters_and_digits() {
    let key = PingKey::parse("0123456789ABCDEFGHIJKL").unwrap();
    assert_eq!(
        format!("{key:?} {:?}", monitor())
            .matches("0123456789")
            .count(),
        0
    );
    for bad in [
        "",
        "0123456789ABCDEFGHIJK",
        "0123456789ABCDEFGHIJKLM",
        "0123456789ABCDEFGHIJK-",
    ] {
        assert!(PingKey::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_usual_grace_is_a_fifth_and_at_least_five_minutes() {
    for (period, want) in [
        (Span::minutes(10), Span::minutes(5)),
        (Span::minutes(25), Span::minutes(5)),
        (Span::hours(5), HOUR),
        (Span::days(5), DAY),
    ] {
        assert_eq!(Monitor::usual_grace(period), want);
    }
}

proptest! {
    /// Whoever reports in time is never missed, however the looks fall.
    #[test]
    fn who_reports_in_time_is_never_missed(
        gaps in proptest::collection::vec(0_i64..=25, 1..40),
        looks in proptest::collection::vec(0_i64..=25, 1..40),
    ) {
        let mut monitor = monitor();
        let mut at = start();
        let mut plan: Option<Plan> = None;
        for (gap, look_after) in gaps.iter().zip(&looks) {
            let now = at + Span::hours(*look_after.min(gap));
            let next = look(&monitor, plan.as_ref(), now);
            prop_assert!(next.say.is_none());
            prop_assert!(next.next_due_at.is_some_and(|due| due > now));
            plan = Some(next);
            at = at + Span::hours(*gap);
            monitor.last_ping_at = Some(at);
        }
    }

    /// However long the outage, an integration that keeps its times is not missed for it,
    /// and one that stopped is missed a period and a grace after its end at the latest.
    #[test]
    fn an_outage_alone_is_no_silence(from in 0_i64..200, long in 1_i64..200) {
        let (from, until) = (start() + Span::hours(from), start() + Span::hours(from + long));
        let outage = Some(Outage { from, until });
        let mut monitor = monitor();
        let pings = (0..30).map(|day| start() + Span::days(day));
        let heard: Vec<Instant> = pings.filter(|at| *at < from || *at >= until).collect();
        for at in &heard {
            if *at >= until {
                prop_assert_ne!(monitor.pulse(outage, *at), Pulse::Silent);
            }
            monitor.last_ping_at = Some(*at);
        }
        let mut stopped = monitor.clone();
        stopped.last_ping_at = heard.iter().copied().rfind(|at| *at < from);
        let latest = until + DAY + DAY + HOUR;
        prop_assert_eq!(stopped.pulse(outage, latest + TICK), Pulse::Silent);
    }
}
