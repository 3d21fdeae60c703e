//! Acknowledge, snooze, let lapse.

use domain::expiry::{
    ActionError, AlertState, How, Reason, Resolution, Skipped, Step, Whom, acknowledge, escalate,
    let_lapse, snooze, unsnooze,
};
use domain::kernel::Span;

use crate::world::*;

fn at_three_days() -> World {
    let mut world = World::new();
    world.run(before(30), before(3));
    world.said.clear();
    world
}

/// T20: an acknowledgement stops the repeats, and only until the next step.
#[test]
fn acknowledging_stops_repeats_until_the_next_step() {
    let mut world = at_three_days();
    world.act(|a| acknowledge(a, "person:ada", None, before(3) + TICK));
    world.run(before(3) + TICK, END);
    assert_eq!(world.steps(), [(lead(1), 1), (Step::End, 1)]);
}

/// T10, T20: in the last day it is repeated whoever acknowledged.
#[test]
fn the_last_day_ignores_an_acknowledgement() {
    let mut world = at_three_days();
    world.policy.backoff = Span::hours(8);
    world.run(before(1), before(1));
    world.act(|a| acknowledge(a, "person:ada", None, before(1)));
    world.run(before(1) + TICK, END - TICK);
    assert_eq!(world.steps(), [(lead(1), 1), (lead(1), 2), (lead(1), 3)]);
}

#[test]
fn a_step_says_whether_the_one_before_it_was_acknowledged() {
    for (acked_at, flag) in [(14, false), (7, true)] {
        let mut world = World::new();
        world.run(before(30), before(acked_at));
        world.act(|a| acknowledge(a, "person:ada", None, before(acked_at)));
        world.run(before(acked_at) + TICK, before(3));
        let (_, saying) = world.said.last().unwrap();
        assert_eq!((saying.step, saying.acknowledged), (lead(3), flag));
    }
}

/// T10: a snooze keeps the warnings of everybody back until it ends.
#[test]
fn a_snooze_is_silent_until_it_ends_and_then_says_the_current_step() {
    let mut world = World::new();
    world.run(before(30), before(14));
    world.said.clear();
    world.act(|a| snooze(a, before(5), "person:ada", before(14)));
    world.run(before(14) + TICK, before(5) - TICK);
    assert_eq!(world.steps(), []);
    assert!(
        world
            .settled()
            .contains(&(lead(7), How::Skipped(Skipped::Policy)))
    );
    let plan = world.sweep(before(5));
    assert_eq!(world.steps(), [(lead(7), 1)]);
    assert_eq!(plan.reason, Reason::SnoozeOver);
    world.run(before(5) + TICK, before(3) - TICK);
    assert_eq!(world.said.len(), 1);
}

#[test]
fn a_snooze_taken_back_says_what_it_kept_back() {
    let mut world = World::new();
    world.run(before(30), before(14));
    world.act(|a| snooze(a, before(2), "person:ada", before(14)));
    world.run(before(14) + TICK, before(7));
    world.said.clear();
    world.act(|a| unsnooze(a, before(6)));
    world.sweep(before(6));
    assert_eq!(world.steps(), [(lead(7), 1)]);
}

/// T10: no snooze reaches into the last day.
#[test]
fn a_snooze_ends_at_the_latest_a_day_before_the_end() {
    let mut world = at_three_days();
    world.act(|a| snooze(a, END + Span::days(5), "person:ada", before(3)));
    let snoozed = world.alert().snoozed.unwrap();
    assert_eq!(snoozed.until, before(1));
    world.run(before(3) + TICK, END);
    assert_eq!(world.steps(), [(lead(1), 1), (Step::End, 1)]);
}

#[test]
fn the_last_day_cannot_be_snoozed() {
    let mut world = World::new();
    world.sweep(before(3));
    let alert = world.alert();
    for (now, refused) in [(before(1) - TICK, false), (before(1), true), (END, true)] {
        let got = snooze(&alert, now + Span::hours(1), "person:ada", now);
        assert_eq!(got == Err(ActionError::LastDay), refused, "{now}");
    }
    let past = snooze(&alert, before(3), "person:ada", before(3));
    assert_eq!(past, Err(ActionError::NotInFuture));
    assert_eq!(unsnooze(&alert, before(3)), Err(ActionError::NotSnoozed));
}

/// T10: what may lapse still gets one last note.
#[test]
fn what_may_lapse_gets_one_last_note_a_day_before_and_closes_at_its_end() {
    let mut world = World::new();
    world.run(before(30), before(14));
    world.act(|a| let_lapse(a, "person:ada", None, before(14)));
    world.said.clear();
    world.run(before(14) + TICK, END + Span::days(60));
    assert_eq!(world.steps(), [(lead(1), 1)]);
    assert!(world.said[0].1.let_lapse);
    let resolved = world.alert().resolved.unwrap();
    assert_eq!((resolved.how, resolved.at), (Resolution::Lapsed, END));
}

#[test]
fn without_a_step_in_the_last_day_the_narrowest_one_is_the_last_note() {
    let mut world = World::new();
    world.policy.steps = [30, 14, 5].map(Span::days).to_vec();
    world.run(before(30), before(30));
    world.act(|a| let_lapse(a, "person:ada", None, before(30)));
    world.run(before(30) + TICK, END + Span::days(60));
    assert_eq!(world.steps(), [(lead(30), 1), (lead(5), 1)]);
}

#[test]
fn a_wish_to_let_lapse_is_void_once_it_is_used() {
    let mut world = World::new();
    world.run(before(30), before(14));
    world.act(|a| let_lapse(a, "person:ada", None, before(14)));
    world.run(before(14) + TICK, before(7));
    world.said.clear();
    world.view.last_used_at = Some(before(14));
    assert!(world.sweep(before(6)).say.is_none());
    world.view.last_used_at = Some(before(14) + TICK);
    let plan = world.sweep(before(6));
    assert_eq!(plan.reason, Reason::UsedAfterAll);
    assert_eq!(world.steps(), [(lead(7), 1)]);
    assert!(world.alert().let_lapse.is_none());
    world.run(before(6) + TICK, before(3));
    assert_eq!(world.steps(), [(lead(7), 1), (lead(3), 1)]);
}

#[test]
fn a_wish_to_let_lapse_is_void_once_the_end_moves() {
    let mut world = World::new();
    world.run(before(30), before(7));
    world.act(|a| let_lapse(a, "person:ada", None, before(7)));
    world.view.end = domain::inventory::End::Known(END + Span::days(3));
    world.sweep(before(6));
    assert!(world.alert().let_lapse.is_none());
    assert_eq!(world.alert().state(before(6)), AlertState::Open);
}

/// B77: an acknowledgement is void when the end changed after it.
#[test]
fn an_acknowledgement_is_void_once_the_end_moves() {
    let mut world = at_three_days();
    world.act(|a| acknowledge(a, "person:ada", None, before(3)));
    world.view.end = domain::inventory::End::Known(before(1));
    let plan = world.sweep(before(3) + TICK);
    assert_eq!(plan.say.map(|s| s.step), Some(lead(3)));
    assert!(world.alert().acknowledged.is_none());
}

#[test]
fn what_is_over_takes_no_action() {
    let mut world = at_three_days();
    world.view.revoked_at = Some(before(2));
    world.sweep(before(2));
    let alert = world.alert();
    let over = Err(ActionError::Resolved);
    assert_eq!(acknowledge(&alert, "a", None, before(2)), over);
    assert_eq!(snooze(&alert, before(1), "a", before(2)), over);
    assert_eq!(let_lapse(&alert, "a", None, before(2)), over);
}

/// Whoever asks that others hear says that it is not being taken care of.
#[test]
fn escalating_by_hand_says_the_step_again_at_once_to_those_next_in_line() {
    let mut world = World::new();
    world.run(before(30), before(14));
    world.act(|a| acknowledge(a, "person:ada", None, before(13)));
    world.act(|a| escalate(a, "person:bob", Some("ada is away".to_owned()), before(12)));
    world.said.clear();
    assert_eq!(world.alert().state(before(12)), AlertState::Open);
    let plan = world.sweep(before(12) + TICK);
    assert_eq!(plan.reason, Reason::Escalated);
    assert_eq!(world.steps(), [(lead(14), 2)]);
    let (_, saying) = world.said.last().unwrap();
    assert_eq!(saying.escalated_to, [Whom::ParentTeam, Whom::Admins].into());
    assert!(!saying.acknowledged && !saying.scaled && !saying.gathers);
    // Once, and of this step only.
    world.said.clear();
    world.run(before(12) + TICK, before(7));
    assert_eq!(world.steps(), [(lead(7), 1)]);
    let (_, next) = world.said.last().unwrap();
    assert!(next.escalated_to.is_empty());
}

#[test]
fn a_step_is_escalated_by_hand_once_and_the_next_one_may_be() {
    let mut world = World::new();
    world.run(before(30), before(14));
    let twice = |world: &World, now| escalate(&world.alert(), "person:bob", None, now);
    world.act(|a| escalate(a, "person:bob", None, before(13)));
    assert_eq!(twice(&world, before(13)), Err(ActionError::Escalated));
    world.sweep(before(13));
    assert_eq!(twice(&world, before(13)), Err(ActionError::Escalated));
    world.run(before(13) + TICK, before(7));
    assert!(twice(&world, before(7)).is_ok());
}

#[test]
fn what_has_ended_may_lapse_or_is_over_is_not_escalated() {
    let mut world = World::new();
    world.run(before(30), before(14));
    let alert = world.alert();
    for (now, refused) in [(END - TICK, false), (END, true), (END + TICK, true)] {
        let got = escalate(&alert, "person:bob", None, now);
        assert_eq!(got == Err(ActionError::Ended), refused, "{now}");
    }
    let lapsing = let_lapse(&alert, "person:ada", None, before(13)).unwrap();
    let got = escalate(&lapsing, "person:bob", None, before(12));
    assert_eq!(got, Err(ActionError::MayLapse));
    world.view.revoked_at = Some(before(12));
    world.sweep(before(12));
    let got = escalate(&world.alert(), "person:bob", None, before(11));
    assert_eq!(got, Err(ActionError::Resolved));
    let mut other = alert;
    other.kind = domain::expiry::AlertKind::Orphaned;
    let got = escalate(&other, "person:bob", None, before(12));
    assert_eq!(got, Err(ActionError::NotAboutEnd));
}
