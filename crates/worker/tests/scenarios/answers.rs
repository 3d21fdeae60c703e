//! What the other side answers, and what becomes of the message then.

use std::sync::Arc;

use app::ports::Verdict;
use domain::kernel::{Instant, Span};
use domain::notice::MessageState;
use testkit::{Answer, RecordingChannel};
use worker::deliver::next_turn;

use crate::world::{World, lines};
use crate::{RETRY, messages};

const TICK: Span = Span::from_micros(1);

fn later(seconds: i64) -> Answer {
    let after = Some(Span::seconds(seconds));
    Answer::Fail(Verdict::Retry { after })
}

async fn due(world: &World, name: &str) {
    let person = world.person(&format!("of-{name}")).await;
    world
        .put(world.credential(name, Some(&person), Span::days(7)))
        .await;
    world.sweep().await;
}

/// Two ways to persons, of which the first is tried first.
fn two_ways() -> (World, Arc<RecordingChannel>, Arc<RecordingChannel>) {
    let first = Arc::new(RecordingChannel::mail("a-mail"));
    let second = Arc::new(RecordingChannel::mail("b-mail"));
    let world = World::with(vec![first.clone(), second.clone()], second.clone());
    (world, first, second)
}

/// Delivers at the next turn of whatever waits.
async fn next(world: &World) -> Instant {
    let turn = next_turn(&world.ctx).await.unwrap().unwrap();
    world.clock.set(turn);
    world.deliver().await;
    turn
}

/// S7: what the receiver says of when to come back is kept to: not sooner, little later; less
/// than our own wait, or more than twice that, is not.
#[tokio::test]
async fn the_next_attempt_comes_when_the_receiver_asked_for_it() {
    let hook = Arc::new(RecordingChannel::hook("hook"));
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let world = World::with(vec![hook.clone(), mail.clone()], mail);
    // Our own waits are 5 s, 5 min and 30 min.
    hook.next([later(8), later(9 * 86_400), later(1)]);
    due(&world, "deploy").await;
    world.deliver().await;
    for wait in [8, 600, 1_800].map(Span::seconds) {
        let (before, asked) = (hook.attempts().len(), world.now());
        let turn = next_turn(&world.ctx).await.unwrap().unwrap();
        let fifth = Span::from_micros(wait.as_micros() / 5);
        assert!(
            asked + wait <= turn && turn <= asked + wait + fifth,
            "{wait:?}"
        );
        world.clock.set(turn + Span::from_micros(-1));
        world.deliver().await;
        assert_eq!(hook.attempts().len(), before, "not earlier");
        world.clock.advance(TICK);
        world.deliver().await;
        assert_eq!(hook.attempts().len(), before + 1);
    }
    assert_eq!(lines(&hook), ["deploy 7d#1"]);
}

/// T7: what is likely to be refused again is tried thrice; then it goes another way, and the
/// operators are told over that.
#[tokio::test]
async fn what_is_refused_thrice_goes_another_way_and_is_told() {
    let (world, first, second) = two_ways();
    first.always(Answer::Fail(Verdict::RetryTwice));
    due(&world, "deploy").await;
    world.deliver().await;
    assert!(second.attempts().is_empty());
    next(&world).await;
    assert_eq!((first.attempts().len(), second.attempts().len()), (2, 0));
    next(&world).await;
    assert_eq!(first.attempts().len(), 3);
    assert_eq!(lines(&second), ["deploy 7d#1"]);
    world.live(Span::hours(3), Span::hours(1)).await;
    let told = lines(&second);
    assert_eq!(told.iter().filter(|l| *l == "deploy 7d#1").count(), 1);
    assert!(
        told.contains(&"channel:a-mail undeliverable now#1".to_owned()),
        "{told:?}"
    );
}

/// T7: what is refused for good is not tried again there; it goes another way at once, and the
/// ledger shows what was answered.
#[tokio::test]
async fn what_is_refused_for_good_goes_another_way_at_once() {
    let (world, first, second) = two_ways();
    first.next([Answer::Fail(Verdict::GiveUp)]);
    due(&world, "deploy").await;
    world.deliver().await;
    assert_eq!(first.attempts().len(), 1);
    assert_eq!(lines(&second), ["deploy 7d#1"]);
    let all = messages(&world).await;
    let refused = all
        .iter()
        .find(|m| m.state == MessageState::Failed)
        .unwrap();
    assert!(
        refused
            .last_error
            .as_ref()
            .unwrap()
            .contains("as the script says")
    );
}

/// S10: as soon as a channel counts as failing, whatever was tried over it leaves by another
/// way, also what would have waited for its own turn.
#[tokio::test]
async fn what_waits_for_a_failing_channel_leaves_at_once() {
    let (world, first, second) = two_ways();
    first.always(RETRY);
    due(&world, "one").await;
    due(&world, "two").await;
    world.deliver().await;
    let mut at = world.now();
    while first.attempts().len() < 4 {
        assert!(second.attempts().is_empty());
        at = next(&world).await;
    }
    let mut told = lines(&second);
    told.sort();
    assert_eq!(told, ["one 7d#1", "two 7d#1"]);
    assert!(second.arrived().iter().all(|h| h.at == at));
}

/// S10: a token that is refused takes what waited for that channel along, however much it is.
#[tokio::test]
async fn what_waits_for_a_channel_whose_token_ended_leaves_at_once() {
    let (world, first, second) = two_ways();
    first.next([RETRY, RETRY, RETRY]);
    for name in ["one", "two", "three"] {
        due(&world, name).await;
    }
    world.deliver().await;
    assert!(second.attempts().is_empty());
    first.always(Answer::Fail(Verdict::ChannelBroken));
    due(&world, "four").await;
    world.deliver().await;
    let mut told = lines(&second);
    told.sort();
    assert_eq!(told, ["four 7d#1", "one 7d#1", "three 7d#1", "two 7d#1"]);
    assert!(second.arrived().iter().all(|h| h.at == world.now()));
}
