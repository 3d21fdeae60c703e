//! Bugs that other notifiers had, none of which may be ours.

use domain::expiry::{Reason, Step, forecast};
use domain::inventory::End;
use domain::kernel::{Instant, Span};
use domain::notice::stackrox_line;

use crate::world::*;

/// L1: one failed run must not silence a day; nothing is settled until the
/// plan is stored, so the next sweep says it.
#[test]
fn a_plan_that_was_not_stored_is_made_again() {
    let mut world = World::new();
    let lost = world.clone().sweep(before(7));
    let kept = world.sweep(before(7) + Span::hours(1));
    assert_eq!(lost.say, kept.say);
    assert!(kept.say.is_some());
}

/// L2: hourly sweeps that come late do not make a daily repeat drift, not even in ten days.
#[test]
fn repeats_do_not_drift_with_late_sweeps() {
    let mut world = World::new();
    world.policy.steps = vec![Span::days(10)];
    world.policy.repeat_from = Span::days(10);
    let mut now = before(10);
    while now < END {
        world.sweep(now);
        now = now + Span::minutes(61);
    }
    let each_day: Vec<_> = (1..=10).map(|day| (lead(10), day)).collect();
    assert_eq!(world.steps(), each_day);
    for (day, (at, _)) in world.said.iter().enumerate() {
        let due = before(10) + Span::days(i64::try_from(day).unwrap());
        assert!(due.until(*at) < Span::minutes(61), "{at}");
    }
}

/// T4, L4: what a channel never accepted does not count as heard.
#[test]
fn said_is_not_heard() {
    let mut world = World::new();
    world.hears = false;
    world.run(before(30), before(29));
    assert_eq!(world.alert().heard_at, None);
    assert_eq!(world.said.len(), 2);
}

/// L7: a backoff equal to the interval of the sweep neither loses nor doubles.
#[test]
fn a_backoff_equal_to_the_interval_neither_loses_nor_doubles() {
    for jitter in [-40_i64, 0, 40] {
        let mut world = World::new();
        world.policy.steps = vec![Span::days(3)];
        for day in 0..3 {
            world.sweep(before(3 - day) + Span::seconds(60 + jitter * (day % 2)));
        }
        let mut late = world.clone();
        late.sweep(before(1) + Span::hours(2));
        assert_eq!(world.said.len(), 3, "{jitter}");
        assert_eq!(late.said.len(), 3, "{jitter}");
    }
}

/// L8: a renewed credential is warned of again.
#[test]
fn a_renewed_credential_is_warned_of_again() {
    let mut world = World::new();
    world.run(before(30), before(1));
    let renewed = END + Span::days(90);
    world.view.end = End::Known(renewed);
    world.said.clear();
    world.run(before(1) + TICK, renewed);
    let want = [
        (lead(30), 1),
        (lead(14), 1),
        (lead(7), 1),
        (lead(3), 1),
        (lead(3), 2),
    ];
    assert_eq!(world.steps()[..5], want);
}

/// L9: an hourly sweep over a whole life stays a handful of messages.
#[test]
fn an_hourly_sweep_makes_no_storm() {
    let mut world = World::new();
    for hour in 0..24 * 60 {
        world.sweep(before(40) + Span::hours(hour));
    }
    assert!(world.said.len() <= 9, "{}", world.said.len());
}

/// L10: the first activation does not flood what ended long ago.
#[test]
fn a_first_import_is_silent_about_what_ended_long_ago() {
    let mut world = World::new();
    world.view.from_first_import = true;
    world.view.first_seen_at = END + Span::days(30);
    let plan = world.sweep(END + Span::days(30));
    assert_eq!((plan.say, plan.alert), (None, None));
}

/// L11: what is still ahead is warned of, not only what has passed.
#[test]
fn the_last_day_is_warned_of_before_the_end() {
    let mut world = World::new();
    world.sweep(END - Span::hours(5));
    assert_eq!(world.steps(), [(lead(1), 1)]);
}

/// T1, L14: a downtime over the very day of a step loses nothing.
#[test]
fn a_step_missed_by_days_is_made_up_for() {
    for late in 1..7 {
        let mut world = World::new();
        world.sweep(before(20));
        world.said.clear();
        world.sweep(before(14 - late));
        let want = if late < 7 { lead(14) } else { lead(7) };
        assert_eq!(world.steps(), [(want, 1)], "{late}");
    }
}

/// L15: a short token is not warned of at birth; ages and lives vary here
/// independently.
#[test]
fn a_short_token_is_not_warned_of_at_birth() {
    for life in 1..90 {
        let birth = before(life);
        let mut world = World::new();
        world.view.created_at = Some(birth);
        world.view.first_seen_at = birth;
        for part in [0, 1, 10, 60] {
            let age = Span::from_micros(Span::days(life).as_micros() * part / 100);
            let plan = world.sweep(birth + age);
            assert!(plan.say.is_none(), "{life} d old {age}");
        }
    }
}

/// What was promised more than a day is no short life, whatever cut it since.
#[test]
fn a_long_life_that_was_cut_on_its_first_day_is_warned_of() {
    let day = Span::days(1);
    for (meant, is_warned_of) in [
        (End::Unknown, false),
        (End::Known(END - TICK), false),
        (End::Known(END + day - Span::hours(2) - TICK), false),
        (End::Known(END + day - Span::hours(2)), true),
        (End::Known(END + Span::days(365)), true),
        (End::Never, true),
    ] {
        let mut world = World::new();
        world.view.created_at = Some(END - Span::hours(2));
        world.view.first_seen_at = END - Span::hours(2);
        world.view.meant_end = meant;
        world.sweep(END - Span::minutes(41));
        assert_eq!(world.steps(), []);
        world.sweep(END - Span::minutes(39));
        let said = !world.steps().is_empty();
        assert_eq!(said, is_warned_of, "{meant:?}");
    }
}

/// L16: an end at midnight UTC is that instant, whatever the zone of a reader.
#[test]
fn an_end_is_an_instant_and_not_a_date() {
    let midnight = Instant::parse("2027-01-31T00:00:00Z").unwrap();
    let mut world = World::new();
    world.view.end = End::Known(midnight);
    world.view.created_at = None;
    world.view.first_seen_at = midnight - Span::days(90);
    world.sweep(midnight - TICK);
    world.sweep(midnight);
    assert_eq!(world.steps(), [(lead(1), 1), (Step::End, 1)]);
}

/// L17: four days and 23 hours are less than five days.
#[test]
fn started_days_count() {
    let left = Span::hours(4 * 24 + 23);
    let line = stackrox_line("bot", "1", left, Span::days(1), "days");
    assert!(line.ends_with("in less than 5 days."));
}

/// Two credentials that differ in nothing but their id have two alerts.
#[test]
fn two_credentials_of_one_owner_have_two_alerts() {
    let mut old = World::new();
    let mut new = World::new();
    new.view.id = domain::kernel::CredentialId::parse("NEWER0000000").unwrap();
    old.sweep(before(7));
    new.sweep(before(7));
    assert_ne!(old.alert().id, new.alert().id);
}

/// L20: nothing needs a timer; the next instant is known and stored.
#[test]
fn sleeping_until_the_next_instant_misses_nothing() {
    let mut lazy = World::new();
    lazy.run(before(100), END + Span::days(60));
    let mut eager = World::new();
    let mut now = before(100);
    while now <= END + Span::days(60) {
        eager.sweep(now);
        now = now + Span::hours(6);
    }
    assert_eq!(lazy.said, eager.said);
}

/// L27: a revoked token's alert does not go on.
#[test]
fn a_revoked_token_keeps_no_alert() {
    let mut world = World::new();
    world.sweep(before(7));
    world.view.revoked_at = Some(before(6));
    let plan = world.sweep(before(6));
    assert_eq!(plan.reason, Reason::Over);
    let rest = forecast(
        &world.view,
        |_| (&world.policy, None),
        world.alert.as_ref(),
        before(6),
        END,
    );
    assert_eq!(rest, []);
}
