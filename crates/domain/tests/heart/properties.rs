//! What holds for every credential, every policy and every sequence of sweeps.

use std::collections::BTreeSet;

use domain::expiry::{
    Alert, Escalation, How, Phase, Silenced, Step, Whom, WorkingCalendar, acknowledge, forecast,
    let_lapse, phase, plan, snooze,
};
use domain::inventory::End;
use domain::kernel::{Instant, Span};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::*;

/// A credential that was known from its birth, and a policy.
fn worlds() -> impl Strategy<Value = World> {
    let steps = proptest::collection::btree_set(1_i64..60 * 24, 1..7);
    let life = proptest::option::of(24_i64..400 * 24);
    (life, steps, 1_i64..100, any::<bool>()).prop_map(|(life, steps, backoff, used)| {
        let mut world = World::new();
        world.view.created_at = life.map(|hours| END - Span::hours(hours));
        world.view.first_seen_at = life.map_or(before(400), |hours| END - Span::hours(hours));
        world.view.last_used_at = used.then_some(before(1));
        world.policy.steps = steps.into_iter().rev().map(Span::hours).collect();
        world.policy.backoff = Span::hours(backoff);
        world
    })
}

/// The same under a policy that knows working days and escalates, in one of two zones
/// whose clocks change.
fn busy() -> impl Strategy<Value = World> {
    let days = proptest::collection::btree_set(1_i8..=7, 0..7);
    let holidays = proptest::collection::btree_set(-70_i64..40, 0..5);
    let zone = prop_oneof![Just("Europe/Berlin"), Just("America/New_York")];
    let after = proptest::option::of(1_i64..200);
    (worlds(), days, holidays, zone, after).prop_map(|(mut world, days, holidays, zone, after)| {
        let date = |n: i64| {
            (END + Span::days(n))
                .to_jiff()
                .to_zoned(jiff::tz::TimeZone::UTC)
                .date()
        };
        world.policy.calendar = Some(WorkingCalendar {
            time_zone: zone.to_owned(),
            days,
            holidays: holidays.into_iter().map(date).collect(),
        });
        world.policy.escalation = after.map(|hours| Escalation {
            after: Span::hours(hours),
            to: [Whom::Admins].into(),
        });
        world
    })
}

/// The same with somebody who asked to hear nothing for a while.
fn silenced() -> impl Strategy<Value = World> {
    let silences = vec((-70_i64 * 24..10 * 24, 1_i64..30 * 24), 0..4);
    (busy(), silences).prop_map(|(mut world, silences)| {
        let silence = |(from, long): (i64, i64)| Silenced {
            from: END + Span::hours(from),
            until: END + Span::hours(from + long),
        };
        world.view.silences = silences.into_iter().map(silence).collect();
        world
    })
}

/// Any of them.
fn any_world() -> impl Strategy<Value = World> {
    prop_oneof![worlds(), busy(), silenced()]
}

/// Instants around the end, in order of time.
fn instants() -> impl Strategy<Value = Vec<Instant>> {
    let minutes = vec(-70 * 1440_i64..40 * 1440, 1..40);
    minutes.prop_map(|mut minutes| {
        minutes.sort_unstable();
        minutes
            .into_iter()
            .map(|m| END + Span::minutes(m))
            .collect()
    })
}

#[derive(Clone, Debug)]
enum Event {
    Acknowledge,
    Snooze(i64),
    LetLapse,
    Use,
    MoveEnd(i64),
    Suspend,
    Lose,
    Deafen,
}

/// What people and sources do, each so many minutes (at most `apart`) after the last.
fn events(apart: i64) -> impl Strategy<Value = Vec<(i64, Event)>> {
    let event = prop_oneof![
        Just(Event::Acknowledge),
        (1_i64..400).prop_map(Event::Snooze),
        Just(Event::LetLapse),
        Just(Event::Use),
        (-3_000_i64..6_000).prop_map(Event::MoveEnd),
        prop_oneof![Just(-48_i64), Just(48_i64)].prop_map(Event::MoveEnd),
        Just(Event::Suspend),
        Just(Event::Lose),
        Just(Event::Deafen),
    ];
    vec((1..apart, event), 0..25)
}

fn happen(world: &mut World, event: &Event, now: Instant) {
    let done = |alert: Option<&Alert>| match event {
        Event::Acknowledge => acknowledge(alert?, "a", None, now).ok(),
        Event::Snooze(hours) => snooze(alert?, now + Span::hours(*hours), "a", now).ok(),
        Event::LetLapse => let_lapse(alert?, "a", None, now).ok(),
        _ => None,
    };
    if let Some(alert) = done(world.alert.as_ref()) {
        world.alert = Some(alert);
    }
    match event {
        Event::Use => world.view.last_used_at = Some(now),
        Event::Suspend => world.view.suspended = !world.view.suspended,
        Event::Lose => world.view.gone_at = world.view.gone_at.is_none().then_some(now),
        Event::Deafen => world.hears = !world.hears,
        Event::MoveEnd(hours) => {
            if let End::Known(end) = world.view.end {
                world.view.end = End::Known(end + Span::hours(*hours));
            }
        }
        Event::Acknowledge | Event::Snooze(_) | Event::LetLapse => {}
    }
}

proptest! {
    #[test]
    fn every_instant_before_the_end_has_a_phase(world in worlds(), left in 1_i64..9_000_000_000_000) {
        let now = END - Span::from_micros(left);
        match phase(&world.view, &world.policy, now) {
            Phase::Far => prop_assert!(world.clone().sweep(now).say.is_none()),
            Phase::Near(Step::Lead(lead)) => prop_assert!(now.until(END) <= lead),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn a_later_now_never_unsettles_a_step(world in any_world(), at in instants()) {
        let mut world = world;
        let mut before = world.settled();
        for now in at {
            world.sweep(now);
            let after = world.settled();
            prop_assert!(after.starts_with(&before), "{before:?} {after:?}");
            before = after;
        }
    }

    #[test]
    fn each_entered_step_is_settled_once_and_the_deepest_is_said(world in prop_oneof![worlds(), busy()], at in instants()) {
        let mut world = world;
        for now in at {
            let was = world.alert.as_ref().and_then(Alert::step);
            let plan = world.sweep(now);
            let settled = world.settled();
            let steps: BTreeSet<_> = settled.iter().map(|(step, _)| *step).collect();
            prop_assert_eq!(steps.len(), settled.len(), "settled twice");
            let deepest = match phase(&world.view, &world.policy, now) {
                Phase::Near(step) => Some(step),
                Phase::Ended => Some(Step::End),
                _ => None,
            };
            if let Some(deepest) = deepest {
                prop_assert!(steps.contains(&deepest));
                if was.is_none_or(|was| was < deepest) {
                    let said = plan.say.map(|s| s.step);
                    prop_assert!(said >= Some(deepest), "{said:?}");
                    prop_assert!(settled.contains(&(said.unwrap(), How::Said)));
                }
            }
        }
    }

    /// T10: whatever was silenced, the last day is not.
    #[test]
    fn nobody_can_silence_the_last_day(world in silenced(), left in 1_i64..24 * 60) {
        let mut world = world;
        let now = END - Span::minutes(left);
        world.sweep(now);
        if let Phase::Near(step) = phase(&world.view, &world.policy, now) {
            prop_assert!(world.settled().contains(&(step, How::Said)));
        }
    }

    #[test]
    fn the_plan_run_forward_by_forecast_is_the_plan_run_by_sweeps(world in any_world(), at in instants()) {
        let mut world = world;
        for now in at.iter().take(3) {
            world.sweep(*now);
        }
        let from = at.iter().take(3).max().copied().unwrap_or(END);
        let until = END + Span::days(60);
        let policy = world.policy.clone();
        let told = forecast(&world.view, |_| (&policy, None), world.alert.as_ref(), from, until);
        let told = told.into_iter().filter(|t| !t.saying.newcomers_only);
        let told: Vec<_> = told.map(|t| (t.at, t.saying)).collect();
        world.said.clear();
        world.run(from, until);
        prop_assert_eq!(&world.said, &told);
    }

    #[test]
    fn planning_again_at_once_says_nothing_and_the_next_look_lies_ahead(
        world in any_world(), events in events(6_000),
    ) {
        let mut world = world;
        let mut now = before(70);
        for (minutes, event) in events {
            now = now + Span::minutes(minutes);
            happen(&mut world, &event, now);
            world.sweep(now);
            let again = plan(&world.view, &world.policy, world.alert.as_ref(), now);
            prop_assert_eq!(&again.say, &None);
            prop_assert_eq!(&again.resolved, &None);
            prop_assert_eq!(&again.alert, &world.alert);
            prop_assert!(world.next.is_none_or(|at| at > now));
        }
    }

    /// L20: between now and the next look nothing is due.
    #[test]
    fn between_now_and_the_next_look_nothing_is_due(
        world in any_world(), events in events(6_000), part in 0_i64..100,
    ) {
        let mut world = world;
        let mut now = before(70);
        for (minutes, event) in events {
            now = now + Span::minutes(minutes);
            happen(&mut world, &event, now);
            world.sweep(now);
            let next = plan(&world.view, &world.policy, world.alert.as_ref(), now).next_due_at;
            let until = next.unwrap_or(now + Span::days(400));
            let between = now + Span::from_micros(now.until(until).as_micros() / 100 * part);
            for at in [between, until - TICK] {
                let plan = plan(&world.view, &world.policy, world.alert.as_ref(), at);
                prop_assert!(at < now || plan.say.is_none(), "{at} {:?}", plan.reason);
            }
        }
    }

    #[test]
    fn no_notice_is_made_twice_within_a_month(world in any_world(), events in events(1_700)) {
        let mut world = world;
        let mut now = before(70);
        let mut keys = BTreeSet::new();
        for (minutes, event) in events {
            now = now + Span::minutes(minutes);
            happen(&mut world, &event, now);
            let plan = world.sweep(now);
            if let Some(saying) = plan.say {
                let end = plan.alert.and_then(|a| a.end);
                let key = (end, saying.step, saying.occurrence);
                prop_assert!(keys.insert(key), "{key:?} twice");
            }
        }
    }

    #[test]
    fn nothing_is_said_after_resolution(world in any_world(), at in instants(), revoke in 0_usize..40) {
        let mut world = world;
        for (index, now) in at.into_iter().enumerate() {
            if index == revoke {
                world.view.revoked_at = Some(now);
            }
            let plan = world.sweep(now);
            prop_assert!(index < revoke || plan.say.is_none());
            prop_assert!(index <= revoke || plan.resolved.is_none());
        }
    }

    /// L15: short lives are never warned at birth.
    #[test]
    fn short_lives_are_never_warned_at_birth(world in worlds(), part in 0_i64..66) {
        let mut world = world;
        if let Some(birth) = world.view.created_at {
            let life = birth.until(END).as_micros();
            let plan = world.sweep(birth + Span::from_micros(life / 100 * part));
            prop_assert!(plan.say.is_none());
        }
    }

    /// S12, F18: a clock that goes to and fro neither settles a step twice nor says one twice.
    #[test]
    fn a_clock_that_goes_back_does_no_harm(world in any_world(), minutes in vec(-70 * 1440_i64..40 * 1440, 1..40)) {
        let mut world = world;
        let mut keys = BTreeSet::new();
        for now in minutes.into_iter().map(|m| END + Span::minutes(m)) {
            let plan = world.sweep(now);
            prop_assert!(plan.next_due_at.is_none_or(|at| at > now));
            if let Some(saying) = plan.say {
                prop_assert!(keys.insert((saying.step, saying.occurrence)));
            }
            let settled = world.settled();
            let steps: BTreeSet<_> = settled.iter().map(|(step, _)| *step).collect();
            prop_assert_eq!(steps.len(), settled.len());
        }
    }

    /// S12, F18: what a clock ten years ahead settled is begun anew once it is right again.
    #[test]
    fn a_clock_ten_years_ahead_silences_nothing_for_good(world in worlds()) {
        let mut world = world;
        world.sweep(before(69));
        world.sweep(END + Span::days(3_650));
        world.said.clear();
        world.run(before(69) + TICK, END);
        let last = world.said.last().map(|(_, s)| s.step);
        prop_assert_eq!(last, Some(Step::End));
    }
}
