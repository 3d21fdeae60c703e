//! Steps, their boundaries, repeats, scaling.

use domain::expiry::{How, Phase, Policy, Reason, Skipped, Step, phase, plan, steps_before_end};
use domain::inventory::End;
use domain::kernel::{Instant, Span};

use crate::world::*;

/// T1: a step is due at its instant and not a microsecond before.
#[test]
fn a_step_is_due_at_its_instant_and_not_a_microsecond_before() {
    for days in [30, 14, 7, 3, 1] {
        let at = before(days);
        for (now, due) in [(at - TICK, false), (at, true), (at + TICK, true)] {
            let mut world = World::new();
            world.sweep(now);
            let said = world.steps().contains(&(lead(days), 1));
            assert_eq!(said, due, "{days} d at {now}");
        }
    }
}

#[test]
fn the_end_is_said_at_the_end_and_not_a_microsecond_before() {
    for (now, want) in [
        (END - TICK, lead(1)),
        (END, Step::End),
        (END + TICK, Step::End),
    ] {
        let mut world = World::new();
        world.sweep(now);
        assert_eq!(world.steps(), [(want, 1)]);
    }
}

/// T20: the whole life says each step and repeats from three days on.
#[test]
fn the_whole_life_says_each_step_and_repeats_from_three_days_on() {
    let mut world = World::new();
    world.run(before(200), END + Span::days(60));
    let want = [
        (lead(30), 1),
        (lead(14), 1),
        (lead(7), 1),
        (lead(3), 1),
        (lead(3), 2),
        (lead(1), 1),
        (Step::End, 1),
        (after(1), 1),
    ];
    assert_eq!(world.steps(), want);
    let times: Vec<_> = world.said.iter().map(|(at, _)| *at).collect();
    let days = [30, 14, 7, 3, 2, 1, 0, -1];
    assert_eq!(times, days.map(before));
    assert!(world.alert().resolved.is_some() && world.next.is_none());
}

#[test]
fn a_week_after_the_end_it_is_said_only_when_it_was_still_used() {
    for (used, said) in [
        (None, false),
        (Some(before(7) - TICK), false),
        (Some(before(7)), true),
        (Some(END + Span::days(2)), true),
    ] {
        let mut world = World::new();
        world.view.last_used_at = used;
        world.run(before(1), END + Span::days(60));
        assert_eq!(world.steps().contains(&(after(7), 1)), said, "{used:?}");
    }
}

#[test]
fn crossing_several_steps_says_only_the_deepest() {
    let mut world = World::new();
    world.sweep(before(40));
    world.sweep(before(5));
    assert_eq!(world.steps(), [(lead(7), 1)]);
    let deeper = How::Skipped(Skipped::Deeper);
    let want = [(lead(30), deeper), (lead(14), deeper), (lead(7), How::Said)];
    assert_eq!(world.settled(), want);
}

#[test]
fn wide_steps_are_not_repeated() {
    let mut world = World::new();
    world.run(before(200), before(3) - TICK);
    assert_eq!(world.steps(), [(lead(30), 1), (lead(14), 1), (lead(7), 1)]);
}

#[test]
fn a_short_backoff_repeats_up_to_the_end_and_not_after_it() {
    let mut world = World::new();
    world.policy.backoff = Span::hours(6);
    world.run(before(1), END + Span::hours(23));
    let want = [
        (lead(1), 1),
        (lead(1), 2),
        (lead(1), 3),
        (lead(1), 4),
        (Step::End, 1),
    ];
    assert_eq!(world.steps(), want);
}

#[test]
fn a_step_wider_than_a_third_of_the_life_is_scaled_down_to_it() {
    let mut world = World::new();
    world.view.created_at = Some(before(6));
    world.run(before(6), END);
    let scaled: Vec<_> = world.said.iter().map(|(_, s)| (s.step, s.scaled)).collect();
    // 30, 14, 7 and 3 days fall together at 2 days.
    let want = [(lead(2), true), (lead(1), false), (Step::End, false)];
    let firsts: Vec<_> = scaled.into_iter().collect();
    assert_eq!(firsts, want);
}

#[test]
fn of_coinciding_steps_the_narrowest_stays_and_is_not_scaled() {
    let mut world = World::new();
    world.view.created_at = Some(before(9));
    world.run(before(9), before(2) - TICK);
    assert_eq!(world.steps(), [(lead(3), 1)]);
    assert!(!world.said[0].1.scaled);
}

#[test]
fn an_unknown_birth_scales_nothing() {
    let mut world = World::new();
    world.view.created_at = None;
    world.view.first_seen_at = before(6);
    world.sweep(before(6));
    assert_eq!(world.steps(), [(lead(7), 1)]);
}

#[test]
fn lives_under_a_day_are_left_to_surfaces() {
    let day = Span::days(1);
    for (life, speaks) in [
        (Span::from_micros(day.as_micros() - 1), false),
        (day, true),
        (Span::from_micros(day.as_micros() + 1), true),
    ] {
        let mut world = World::new();
        world.view.created_at = Some(END - life);
        world.view.first_seen_at = END - life;
        world.run(END - life, END + Span::days(40));
        assert_eq!(!world.said.is_empty(), speaks, "{life}");
    }
}

#[test]
fn a_lead_time_chosen_by_hand_is_the_first_step() {
    for (days, want) in [(60, vec![60, 30]), (20, vec![20]), (14, vec![14])] {
        let mut world = World::new();
        world.view.lead_time = Some(Span::days(days));
        world.run(before(200), before(14));
        let steps: Vec<_> = world.steps().into_iter().map(|(step, _)| step).collect();
        let mut expected: Vec<Step> = want.into_iter().map(lead).collect();
        if days != 14 {
            expected.push(lead(14));
        }
        assert_eq!(steps, expected, "{days}");
    }
}

#[test]
fn steps_are_pulled_forward_to_working_days() {
    let mut world = World::new();
    world.policy.calendar = Some(domain::expiry::WorkingCalendar {
        time_zone: "UTC".to_owned(),
        days: [1, 2, 3, 4, 5].into(),
        holidays: std::collections::BTreeSet::new(),
    });
    // A Sunday.
    let end = Instant::parse("2026-12-06T12:00:00Z").unwrap();
    world.view.end = End::Known(end);
    world.view.created_at = None;
    world.view.first_seen_at = end - Span::days(100);
    world.run(end - Span::days(100), end - Span::days(6));
    let times: Vec<_> = world.said.iter().map(|(at, _)| at.to_string()).collect();
    assert_eq!(
        times,
        [
            "2026-11-06T12:00:00Z",
            "2026-11-20T12:00:00Z",
            "2026-11-27T12:00:00Z"
        ]
    );
}

#[test]
fn phases_change_at_the_steps() {
    let world = World::new();
    for (now, want) in [
        (before(30) - TICK, Phase::Far),
        (before(30), Phase::Near(lead(30))),
        (before(1) - TICK, Phase::Near(lead(3))),
        (END - TICK, Phase::Near(lead(1))),
        (END, Phase::Ended),
    ] {
        assert_eq!(phase(&world.view, &world.policy, now), want, "{now}");
    }
}

#[test]
fn a_step_that_nobody_heard_is_said_again_until_somebody_does() {
    let mut world = World::new();
    world.hears = false;
    world.run(before(30), before(28));
    assert_eq!(world.steps(), [(lead(30), 1), (lead(30), 2), (lead(30), 3)]);
    assert_eq!(world.said[1].1.reason, Reason::NotHeard);
    let alert = world.alert.as_mut().unwrap();
    alert.heard_at = Some(before(28));
    world.run(before(28) + TICK, before(14) - TICK);
    assert_eq!(world.said.len(), 3);
}

/// T8: while no way reaches a person nothing is repeated for that.
#[test]
fn while_no_way_reaches_a_person_nothing_is_repeated_for_that() {
    let mut world = World::new();
    world.hears = false;
    world.view.can_be_heard = false;
    world.run(before(30), before(14) - TICK);
    assert_eq!(world.steps(), [(lead(30), 1)]);
    // A way out appears: the step that nobody heard is said at the next look.
    world.view.can_be_heard = true;
    world.sweep(before(14) - TICK);
    assert_eq!(world.steps(), [(lead(30), 1), (lead(30), 2)]);
}

#[test]
fn a_step_that_waits_for_its_recipients_hours_is_not_unheard() {
    let mut world = World::new();
    world.hears = false;
    world.sweep(before(30));
    world.alert.as_mut().unwrap().held_until = Some(before(25));
    for (now, said) in [(before(25), 1), (before(24) - TICK, 1), (before(24), 2)] {
        world.sweep(now);
        assert_eq!(world.said.len(), said, "{now}");
    }
    assert_eq!(world.alert().held_until, None);
}

/// T25: the first word about an end waits for no digest when two weeks or less are left; what
/// was told of before may.
#[test]
fn the_first_word_about_a_near_end_is_not_gathered() {
    let first = |days| {
        let plan = plan(&view(), &Policy::default(), None, before(days));
        plan.say.unwrap().gathers
    };
    assert!(first(30) && !first(14) && !first(7));
    let mut world = World::new();
    world.run(before(30), before(14));
    let said: Vec<bool> = world.said.iter().map(|(_, s)| s.gathers).collect();
    assert_eq!(said, [true, true]);
}

/// What a page shows as said are the steps that are said: also of a short life, and of one
/// with a first warning of its own.
#[test]
fn the_steps_before_an_end_are_those_that_will_be_said() {
    let mut world = World::new();
    let all = |world: &World| steps_before_end(&world.view, &world.policy);
    assert_eq!(all(&world), [30, 14, 7, 3, 1].map(lead));
    world.view.lead_time = Some(Span::days(45));
    assert_eq!(all(&world), [45, 30, 14, 7, 3, 1].map(lead));
    world.view.lead_time = None;
    world.view.created_at = Some(END - Span::hours(30));
    assert_eq!(all(&world), [Step::Lead(Span::hours(10))]);
    world.view.end = End::Never;
    assert_eq!(all(&world), []);
}
