//! What waits for one recipient goes together, and no recipient is flooded.

use std::sync::Arc;

use app::deliver::{GATHER, PER_HOUR, claim, take_over};
use domain::expiry::{Policies, Policy, PolicyDraft};
use domain::kernel::{PersonId, Span};
use domain::notice::{MessageState, NoticeState};
use serde_json::json;

use crate::world::World;
use crate::{RETRY, messages};

const MINUTE: Span = Span::minutes(1);

/// Wide steps wait for Monday at ten; the start is a Monday at nine.
fn gathering(world: &World) {
    let draft: PolicyDraft =
        serde_json::from_value(json!({ "digest": { "day": "mon", "at": "10:00" } })).unwrap();
    let policy = draft.build("default", &Policy::default()).unwrap();
    world.configure(|s| s.policies = Policies::new(policy, Vec::new()));
}

async fn due(world: &World, name: &str, owner: &PersonId, left: Span) {
    world.put(world.credential(name, Some(owner), left)).await;
    world.sweep().await;
}

/// L9: digests of two sweeps for one window arrive as one message, and the ledger shows both
/// as told.
#[tokio::test]
async fn what_two_sweeps_gathered_for_one_window_is_one_message() {
    let world = World::new();
    gathering(&world);
    let ada = world.person("ada").await;
    world.clock.advance(Span::days(1));
    for name in ["one", "two", "three"] {
        due(&world, name, &ada, Span::days(30)).await;
        world.clock.advance(Span::days(1));
    }
    world.deliver().await;
    assert!(world.mail.arrived().is_empty());
    world.clock.advance(Span::days(4));
    world.deliver().await;
    assert_eq!(world.mail.arrived().len(), 1);
    let mut told = world.mailed();
    told.sort();
    assert_eq!(told, ["one 30d#1", "three 30d#1", "two 30d#1"]);
    let mut states: Vec<MessageState> = messages(&world).await.iter().map(|m| m.state).collect();
    states.sort();
    let joined = MessageState::Joined;
    assert_eq!(states, [MessageState::Accepted, joined, joined]);
    let alerts = world
        .ctx
        .store
        .list_alerts(&Default::default(), &page())
        .await;
    for alert in alerts.unwrap().items {
        let notices = world.ctx.store.notices_of(&alert.id).await.unwrap();
        let told = |n: &domain::notice::Notice| matches!(n.state, NoticeState::Accepted { .. });
        assert!(notices.iter().all(told), "{notices:?}");
        assert!(alert.heard_at.is_some());
    }
}

fn page() -> app::ports::PageRequest {
    app::ports::PageRequest {
        limit: 100,
        after: None,
    }
}

/// S1: a process that dies when messages have joined, before they are sent, loses none.
#[tokio::test]
async fn what_had_joined_when_the_process_died_is_sent_once() {
    let world = World::new();
    let ada = world.person("ada").await;
    due(&world, "one", &ada, Span::days(7)).await;
    due(&world, "two", &ada, Span::days(7)).await;
    let claimed = claim(&world.ctx, 1, Vec::new()).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].notices.len()), (1, 2));
    let mail = world.mail.clone();
    let world = world.restarted(vec![mail]);
    take_over(&world.ctx).await.unwrap();
    world.deliver().await;
    assert_eq!(world.mail.arrived().len(), 1);
    let mut told = world.mailed();
    told.sort();
    assert_eq!(told, ["one 7d#1", "two 7d#1"]);
}

/// What somebody may have seen already is never added to.
#[tokio::test]
async fn what_was_tried_before_stays_as_it_was() {
    let world = World::new();
    let ada = world.person("ada").await;
    world.mail.next([RETRY]);
    due(&world, "one", &ada, Span::days(7)).await;
    world.deliver().await;
    world.clock.advance(Span::hours(1));
    due(&world, "two", &ada, Span::days(7)).await;
    world.deliver().await;
    let arrived = world.mail.arrived();
    assert_eq!(arrived.len(), 2);
    assert_eq!(
        arrived
            .iter()
            .filter(|h| h.payload.lines().count() == 2)
            .count(),
        2
    );
}

/// L9: beyond twenty messages an hour the rest is gathered for five minutes each; none is
/// dropped, and others are not held up.
#[tokio::test]
async fn a_flood_to_one_recipient_is_gathered_and_nothing_is_dropped() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    for n in 0..30 {
        due(&world, &format!("k{n}"), &ada, Span::days(7)).await;
        world.deliver().await;
        let expected = if n < 20 { n + 1 } else { 20 + (n - 19) / 5 };
        assert_eq!(world.mail.arrived().len(), expected, "after {n}");
        world.clock.advance(MINUTE);
    }
    let arrived = world.mail.arrived();
    assert_eq!(arrived[21].payload.lines().skip(1).count(), 5);
    due(&world, "held", &ada, Span::days(7)).await;
    due(&world, "other", &bob, Span::days(7)).await;
    world.deliver().await;
    assert_eq!(world.mailed().last().unwrap(), "other 7d#1");
    world.clock.advance(GATHER);
    world.deliver().await;
    let all: std::collections::BTreeSet<String> = world.mailed().into_iter().collect();
    assert_eq!((all.len(), world.mailed().len()), (32, 32));
}

/// L9: a cap delays, it never silences: what has little time left goes at once, and so it is
/// after a restart.
#[tokio::test]
async fn what_would_be_too_late_waits_for_no_cap() {
    let world = World::new();
    let ada = world.person("ada").await;
    for n in 0..PER_HOUR {
        due(&world, &format!("k{n}"), &ada, Span::days(7)).await;
        world.deliver().await;
    }
    let mail = world.mail.clone();
    let world = world.restarted(vec![mail]);
    let sent = world.mailed().len();
    due(&world, "held", &ada, Span::minutes(21)).await;
    world.deliver().await;
    assert_eq!(world.mailed().len(), sent);
    due(&world, "urgent", &ada, Span::minutes(20)).await;
    world.deliver().await;
    assert_eq!(world.mailed().last().unwrap(), "urgent 1d#1");
    world.clock.advance(GATHER);
    world.deliver().await;
    assert_eq!(world.mailed().last().unwrap(), "held 1d#1");
}

/// Programs and rooms are told one message a sweep: each alert is a thing of its own there.
#[tokio::test]
async fn shared_channels_are_neither_joined_nor_capped() {
    let mail = Arc::new(testkit::RecordingChannel::mail("mail"));
    let room = Arc::new(testkit::RecordingChannel::room("room"));
    let world = World::with(vec![mail.clone(), room.clone()], mail);
    let ada = world.person("ada").await;
    for n in 0..=PER_HOUR {
        due(&world, &format!("k{n}"), &ada, Span::days(7)).await;
    }
    world.deliver().await;
    // What found the room busy has its turn a moment later.
    world.clock.advance(MINUTE);
    world.deliver().await;
    assert_eq!(room.arrived().len(), PER_HOUR as usize + 1);
    assert_eq!(world.mail.arrived().len(), 1);
}
