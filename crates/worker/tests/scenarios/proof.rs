//! The weekly proof that the last resort can be reached.

use app::ports::Verdict;
use app::sweep::balance;
use domain::expiry::{AlertKind, Subject};
use domain::kernel::{Span, SweepId};
use domain::notice::{MessageKind, MessageState};
use testkit::{Answer, RecordingChannel};

use crate::messages;
use crate::world::{World, lines, start};

const PROOF: &str = "to address:ops@example.org\n";

/// An hour of everything: sweep, comparison, delivery.
async fn hours(world: &World, hours: i64) {
    for _ in 0..hours {
        world.clock.advance(Span::hours(1));
        world.sweep().await;
        let now = world.now().as_micros().to_string();
        let id = SweepId::derived(&["balance", &now]);
        balance(&world.ctx, &id, start()).await.unwrap();
        world.deliver().await;
    }
}

fn proofs(channel: &RecordingChannel) -> usize {
    let arrived = channel.arrived();
    arrived.iter().filter(|h| h.payload == PROOF).count()
}

/// L32: once a week without a message the catch-all is tried; what it got otherwise proves
/// as much.
#[tokio::test]
async fn the_catch_all_is_tried_once_a_week() {
    let world = World::new();
    hours(&world, 3).await;
    assert_eq!(proofs(&world.mail), 1);
    hours(&world, 7 * 24 - 3).await;
    assert_eq!(proofs(&world.mail), 1);
    hours(&world, 1).await;
    assert_eq!(proofs(&world.mail), 2);
    world
        .put(world.credential("nobody's", None, Span::days(33)))
        .await;
    hours(&world, 9 * 24).await;
    assert!(world.mailed().contains(&"nobody's 30d#1".to_owned()));
    assert_eq!(proofs(&world.mail), 2);
}

/// L32: a catch-all that cannot be reached is told over other ways, tried again daily, and
/// over once it is.
#[tokio::test]
async fn a_catch_all_that_cannot_be_reached_is_an_alert() {
    let mail = std::sync::Arc::new(RecordingChannel::mail("mail"));
    let room = std::sync::Arc::new(RecordingChannel::room("room"));
    let world = World::with(vec![mail.clone(), room.clone()], mail.clone());
    mail.always(Answer::Fail(Verdict::RecipientGone));
    hours(&world, 2).await;
    let line = "system:catch-all undeliverable now#1".to_owned();
    assert!(lines(&room).contains(&line), "{:?}", lines(&room));
    hours(&world, 24).await;
    let all = messages(&world).await;
    let tried = all.iter().filter(|m| m.kind == MessageKind::Proof);
    let states: Vec<MessageState> = tried.map(|m| m.state).collect();
    assert_eq!(states, [MessageState::Failed, MessageState::Failed]);
    mail.always(Answer::Accept);
    hours(&world, 25).await;
    let subject = Subject::System("catch-all".to_owned());
    let alert = world.alert_of(&subject, AlertKind::Undeliverable).await;
    assert!(alert.unwrap().resolved.is_some());
}

/// L32: two things that are found wrong at once are both told: each has a message of its
/// own, for the first is on its way when the second is found.
#[tokio::test]
async fn a_sweep_that_stands_still_and_a_dead_catch_all_are_both_told() {
    let mail = std::sync::Arc::new(RecordingChannel::mail("mail"));
    let room = std::sync::Arc::new(RecordingChannel::room("room"));
    let world = World::with(vec![mail.clone(), room.clone()], mail.clone());
    mail.always(Answer::Fail(Verdict::RecipientGone));
    hours(&world, 1).await;
    world.clock.advance(Span::hours(3));
    let id = SweepId::derived(&["balance"]);
    balance(&world.ctx, &id, start()).await.unwrap();
    world.deliver().await;
    let told = lines(&room);
    for what in ["notifier stalled", "catch-all undeliverable"] {
        let line = format!("system:{what} now#1");
        assert!(told.contains(&line), "{line} is not in {told:?}");
    }
}
