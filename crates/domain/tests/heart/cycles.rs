//! How a cycle ends, and how the next one begins.

use domain::expiry::{Overlap, Reason, Resolution, Step, Successor};
use domain::inventory::End;
use domain::kernel::{CredentialId, Span};

use crate::world::*;

fn warned() -> World {
    let mut world = World::new();
    world.run(before(30), before(7));
    world.said.clear();
    world
}

#[test]
fn a_renewed_credential_starts_a_new_cycle() {
    let mut world = warned();
    let renewed = END + Span::days(365);
    world.view.end = End::Known(renewed);
    let plan = world.sweep(before(5));
    assert_eq!(
        (plan.say, plan.resolved),
        (None, Some(Resolution::Extended))
    );
    assert_eq!(plan.closed.and_then(|a| a.end), Some(END));
    assert_eq!(world.next, Some(renewed - Span::days(30)));
    world.run(before(5) + TICK, renewed - Span::days(14));
    assert_eq!(world.steps(), [(lead(30), 1), (lead(14), 1)]);
    assert_eq!(world.alert().end, Some(renewed));
}

#[test]
fn an_extension_into_a_step_resolves_and_says_the_step_of_the_new_end() {
    let mut world = warned();
    world.view.end = End::Known(END + Span::days(4));
    let plan = world.sweep(before(6));
    assert_eq!(plan.resolved, Some(Resolution::Extended));
    assert_eq!(plan.say.map(|s| s.step), Some(lead(14)));
}

/// B71: an end that moves nearer opens the steps again, the deepest is said at once.
#[test]
fn an_end_that_moves_nearer_is_said_at_once() {
    let mut world = warned();
    world.view.end = End::Known(before(5));
    let plan = world.sweep(before(7) + TICK);
    assert_eq!(plan.resolved, None);
    assert_eq!(plan.say.map(|s| s.step), Some(lead(3)));
}

#[test]
fn an_end_that_moves_by_less_than_an_hour_did_not_move() {
    let hour = Span::hours(1);
    for (moved, is_new) in [
        (Span::from_micros(hour.as_micros() - 1), false),
        (hour, true),
    ] {
        for end in [END + moved, END - moved] {
            let mut world = warned();
            world.view.end = End::Known(end);
            let plan = world.sweep(before(5));
            assert_eq!(
                plan.say.is_some() || plan.resolved.is_some(),
                is_new,
                "{moved}"
            );
        }
    }
}

#[test]
fn an_end_that_moves_to_and_fro_never_makes_the_same_notice_twice() {
    let mut world = warned();
    let mut keys = std::collections::BTreeSet::new();
    for day in 0..4 {
        let moved = if day % 2 == 0 {
            Span::days(2)
        } else {
            Span::ZERO
        };
        world.view.end = End::Known(END + moved);
        let plan = world.sweep(before(6) + Span::hours(day));
        let saying = plan.say.expect("each move is said");
        let key = (plan.alert.unwrap().end, saying.step, saying.occurrence);
        assert!(keys.insert(key), "{key:?}");
    }
}

#[test]
fn what_ends_the_matter_is_told_once_and_nothing_is_said_after_it() {
    type Change = fn(&mut World);
    let cases: [(Change, Resolution); 4] = [
        (|w| w.view.revoked_at = Some(before(6)), Resolution::Revoked),
        (|w| w.view.gone_at = Some(before(6)), Resolution::Gone),
        (|w| w.view.rotated = true, Resolution::Rotated),
        (|w| w.view.end = End::Never, Resolution::Extended),
    ];
    for (change, how) in cases {
        let mut world = warned();
        change(&mut world);
        let plan = world.sweep(before(6));
        assert_eq!(plan.resolved, Some(how));
        assert_eq!(plan.next_due_at, None);
        for days in [5, 3, 1, 0, -1, -7] {
            let plan = world.sweep(before(days));
            assert_eq!((plan.say, plan.resolved), (None, None), "{how:?}");
        }
    }
}

/// T11: a read that lost the end closes nothing.
#[test]
fn a_read_that_lost_the_end_closes_nothing() {
    let mut world = warned();
    world.view.end = End::Unknown;
    world.run(before(7) + TICK, before(3));
    assert_eq!(world.steps(), [(lead(3), 1)]);
}

#[test]
fn without_an_end_nothing_is_ever_due() {
    for (end, reason) in [
        (End::Never, Reason::NoEnd),
        (End::Unknown, Reason::EndUnknown),
    ] {
        let mut world = World::new();
        world.view.end = end;
        let plan = world.sweep(before(1));
        assert_eq!(
            (plan.reason, plan.next_due_at, plan.alert),
            (reason, None, None)
        );
    }
}

#[test]
fn a_disabled_owner_silences_and_a_return_plans_again() {
    let mut world = warned();
    world.view.suspended = true;
    let plan = world.sweep(before(6));
    assert_eq!((plan.resolved, plan.next_due_at), (None, None));
    assert_eq!(
        world.alert().resolved.map(|r| r.how),
        Some(Resolution::Suspended)
    );
    assert!(world.sweep(before(3)).say.is_none());
    world.view.suspended = false;
    world.sweep(before(2));
    assert_eq!(world.steps(), [(lead(3), 1)]);
    assert!(world.alert().resolved.is_none());
}

#[test]
fn what_was_gone_and_is_back_is_said_again() {
    let mut world = warned();
    world.view.gone_at = Some(before(6));
    world.sweep(before(6));
    world.view.gone_at = None;
    let plan = world.sweep(before(5));
    assert_eq!(plan.reason, Reason::Reopened);
    assert_eq!(world.steps(), [(lead(7), 2)]);
    assert!(world.sweep(before(5)).say.is_none());
}

fn successor(days: i64) -> Option<Successor> {
    Some(Successor {
        id: CredentialId::parse("NEWER0000000").unwrap(),
        created_at: before(days),
    })
}

#[test]
fn a_successor_closes_the_alert_only_when_the_old_one_rests_since_a_day_before_it() {
    let day_before = before(7);
    for (used, known, closes) in [
        (Some(day_before), true, true),
        (Some(day_before + TICK), true, false),
        (Some(before(5)), true, false),
        (None, true, true),
        (None, false, false),
    ] {
        let mut world = warned();
        world.view.successor = successor(6);
        world.view.last_used_at = used;
        world.view.use_is_known = known;
        let plan = world.sweep(before(5));
        let want = closes.then_some(Resolution::Rotated);
        assert_eq!(plan.resolved, want, "{used:?} {known}");
    }
}

#[test]
fn an_unproven_successor_is_mentioned() {
    let mut world = warned();
    world.view.successor = successor(6);
    let plan = world.sweep(before(3));
    assert!(plan.say.is_some_and(|s| s.newer_exists));
}

/// T9: a token in its overlap has no steps and none after it.
#[test]
fn a_token_in_its_overlap_has_no_steps_and_none_after_it() {
    let mut world = World::new();
    world.view.rotated = true;
    world.view.overlap = Some(Overlap {
        from: before(2),
        until: END,
    });
    world.run(before(2), END + Span::days(60));
    assert_eq!(world.steps(), []);
    assert_eq!(world.alert, None);
}

#[test]
fn somebody_new_hears_what_stands_and_the_others_nothing_new() {
    let mut world = warned();
    let plan = world.sweep(before(5));
    assert_eq!(plan.say, None);
    let standing = plan.standing.unwrap();
    assert_eq!((standing.step, standing.occurrence), (lead(7), 1));
    assert!(standing.newcomers_only);
    assert!(World::new().sweep(before(40)).standing.is_none());
}

/// S15: a changed policy says a deeper step and keeps quiet about wider ones.
#[test]
fn a_changed_policy_says_a_deeper_step_and_keeps_quiet_about_wider_ones() {
    let mut world = warned();
    world.policy.steps = [30, 20, 7, 3, 1].map(Span::days).to_vec();
    assert!(world.sweep(before(6)).say.is_none());
    world.policy.steps = [30, 20, 7, 6, 3, 1].map(Span::days).to_vec();
    world.sweep(before(6));
    assert_eq!(world.steps(), [(lead(6), 1)]);
}

#[test]
fn an_alert_of_a_lapsed_credential_closes_in_silence_a_month_later() {
    let mut world = World::new();
    world.run(before(1), END + Span::days(30) - TICK);
    assert!(world.alert().resolved.is_none());
    let plan = world.sweep(END + Span::days(30));
    assert_eq!(plan.resolved, None);
    assert_eq!(
        world.alert().resolved.map(|r| r.how),
        Some(Resolution::Lapsed)
    );
    assert_eq!(world.alert().step(), Some(Step::AfterEnd(Span::days(7))));
}

/// P1: whoever leaves ends what they own for the words about it; what its issuer lets live on
/// is warned of again before its own end.
#[test]
fn what_outlives_its_owner_is_warned_of_before_its_own_end() {
    let mut world = World::new();
    let left = before(100);
    world.view.end = End::Known(left);
    world.view.ends_with_owner = true;
    world.view.own_end = Some(End::Known(END));
    world.run(before(140), END + Span::days(8));
    let said = |step| {
        let this = world.said.iter().filter(|(_, saying)| saying.step == step);
        this.map(|(at, _)| *at).collect::<Vec<_>>()
    };
    assert_eq!(said(lead(30)), [left - Span::days(30), before(30)]);
    assert_eq!(said(Step::End), [left, END]);
    assert_eq!(said(after(1)), [END + Span::days(1)]);
    assert_eq!(world.alert().end, Some(END));
}
