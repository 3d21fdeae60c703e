//! Whether a notice is still true, and over which ways it goes.

use domain::expiry::{Alert, Resolution, acknowledge, snooze};
use domain::inventory::End;
use domain::kernel::{ChannelId, Email, Instant, Span};
use domain::notice::{AudienceRole, ChannelFacts, Notice, NoticeState, still_true, ways};
use domain::people::Recipient;

use crate::world::*;

fn notice(world: &World) -> Notice {
    let alert = world.alert();
    let (at, saying) = world.said.last().unwrap();
    notice_of(&alert, saying.step, saying.occurrence, *at)
}

fn notice_of(alert: &Alert, step: domain::expiry::Step, occurrence: u32, at: Instant) -> Notice {
    let recipient = Recipient::Address(Email::parse("ada@example.org").unwrap());
    Notice {
        key: Notice::key_of(&alert.id, alert.end, step, occurrence, None, &recipient),
        alert: alert.id.clone(),
        subject: alert.subject.clone(),
        kind: alert.kind,
        end: alert.end,
        step,
        occurrence,
        resolution: None,
        recipient,
        role: AudienceRole::Owner,
        reason: "owner".to_owned(),
        created_at: at,
        state: NoticeState::Pending,
    }
}

fn at(days: i64) -> (World, Notice) {
    let mut world = World::new();
    world.run(before(30), before(days));
    let notice = notice(&world);
    (world, notice)
}

fn holds(notice: &Notice, world: &World, now: Instant) -> bool {
    still_true(notice, world.alert.as_ref(), now)
}

#[test]
fn a_fresh_notice_is_true() {
    for days in [30, 14, 7, 3, 2, 1, 0, -1] {
        let (world, notice) = at(days);
        assert!(holds(&notice, &world, before(days)), "{days}");
    }
}

#[test]
fn a_baseline_is_true_until_a_step_is_said() {
    let mut world = World::new();
    world.view.from_first_import = true;
    world.view.first_seen_at = before(5);
    world.sweep(before(5));
    let notice = notice(&world);
    assert!(holds(&notice, &world, before(5)));
    world.sweep(before(3));
    assert!(!holds(&notice, &world, before(3)));
}

/// T13: a deeper step or a later occurrence supersedes.
#[test]
fn a_deeper_step_or_a_later_occurrence_supersedes() {
    let (mut world, week) = at(7);
    world.run(before(7) + TICK, before(3));
    assert!(!holds(&week, &world, before(3)));
    let (mut world, first) = at(3);
    world.run(before(3) + TICK, before(2));
    assert!(!holds(&first, &world, before(2)));
}

#[test]
fn what_is_over_or_moved_is_not_true_any_more() {
    let (mut world, week) = at(7);
    world.view.revoked_at = Some(before(6));
    world.sweep(before(6));
    assert!(!holds(&week, &world, before(6)));
    let (mut world, week) = at(7);
    world.view.end = End::Known(before(5));
    world.sweep(before(6));
    assert!(!holds(&week, &world, before(6)));
    assert!(!still_true(&week, None, before(6)));
}

#[test]
fn that_it_is_over_stays_true() {
    let (world, mut week) = at(7);
    week.resolution = Some(Resolution::Revoked);
    assert!(holds(&week, &world, before(3)));
    assert!(still_true(&week, None, before(3)));
}

#[test]
fn an_acknowledgement_after_it_was_made_silences_it_but_not_in_the_last_day() {
    let (mut world, week) = at(7);
    world.act(|a| acknowledge(a, "person:ada", None, before(7) + TICK));
    assert!(!holds(&week, &world, before(6)));
    let (mut world, last) = at(1);
    world.act(|a| acknowledge(a, "person:ada", None, before(1) + TICK));
    assert!(holds(&last, &world, before(1) + TICK));
}

#[test]
fn an_older_acknowledgement_or_snooze_leaves_the_next_step_alone() {
    let (mut world, _) = at(7);
    world.act(|a| acknowledge(a, "person:ada", None, before(7)));
    world.run(before(7) + TICK, before(3));
    assert!(holds(&notice(&world), &world, before(3)));
    let (mut world, _) = at(7);
    world.act(|a| snooze(a, before(5), "person:ada", before(7)));
    world.run(before(7) + TICK, before(5));
    assert!(holds(&notice(&world), &world, before(5)));
}

fn channel(id: &str, reaches_persons: bool, shared: bool, healthy: bool) -> ChannelFacts {
    ChannelFacts {
        id: ChannelId::parse(id).unwrap(),
        kind: "email".to_owned(),
        reaches_persons,
        shared,
        healthy,
    }
}

#[test]
fn persons_are_told_over_what_reaches_persons_and_healthy_ways_come_first() {
    let channels = [
        channel("a-sick", true, false, false),
        channel("b-hook", false, true, true),
        channel("c-well", true, false, true),
    ];
    let ada = Recipient::Address(Email::parse("ada@example.org").unwrap());
    let ids: Vec<_> = ways(&ada, &channels)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(ids, ["c-well", "a-sick"]);
    let hook = Recipient::Channel(ChannelId::parse("b-hook").unwrap());
    assert_eq!(
        ways(&hook, &channels),
        [ChannelId::parse("b-hook").unwrap()]
    );
    let unknown = Recipient::Channel(ChannelId::parse("x").unwrap());
    assert!(ways(&unknown, &channels).is_empty());
}

/// L34: a key tells the steps the ends and the occurrences apart.
#[test]
fn a_key_tells_the_steps_the_ends_and_the_occurrences_apart() {
    let (world, week) = at(7);
    let alert = world.alert();
    let mut keys = std::collections::BTreeSet::new();
    for end in [END, END + Span::days(1)] {
        for step in [lead(7), lead(3)] {
            for occurrence in [1, 2] {
                let to = &week.recipient;
                keys.insert(Notice::key_of(
                    &alert.id,
                    Some(end),
                    step,
                    occurrence,
                    None,
                    to,
                ));
            }
        }
    }
    assert_eq!(keys.len(), 8);
}
