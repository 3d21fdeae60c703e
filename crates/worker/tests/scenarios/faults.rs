//! Deaths, renewals, reloads and renames in the middle of a delivery.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::deliver::take_over;
use app::ports::{Channel, Verdict, Write};
use domain::expiry::AlertKind;
use domain::inventory::End;
use domain::kernel::{CredentialId, Name, PersonId, Span};
use domain::notice::MessageState;
use testkit::{Answer, RecordingChannel};
use worker::deliver::{InFlight, drain};

use crate::world::{self, World, lines};
use crate::{RETRY, messages};

const WEEK: Span = Span::days(7);

async fn due(world: &World, name: &str, owner: &PersonId) -> CredentialId {
    world.put(world.credential(name, Some(owner), WEEK)).await
}

/// S1: over each kind of channel a death between the send and its mark repeats the message
/// once, with the id and the bytes that the receiver knows, though it would read otherwise now.
#[tokio::test]
async fn a_death_between_send_and_mark_repeats_one_message_over_each_kind_of_channel() {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let hook = Arc::new(RecordingChannel::hook("hook"));
    let room = Arc::new(RecordingChannel::room("room"));
    let channels: Vec<Arc<dyn Channel>> = vec![mail.clone(), hook.clone(), room.clone()];
    let world = World::with(channels.clone(), mail.clone());
    let ada = world.person("ada").await;
    let id = due(&world, "deploy", &ada).await;
    world.sweep().await;
    let all = [&mail, &hook, &room];
    all.iter().for_each(|channel| channel.always(Answer::Hang));
    drop(world.under_way(&all).await);
    let world = world.restarted(channels);
    let renamed = Name::parse("another name").unwrap();
    world.change(&id, |c| c.name = renamed).await;
    all.iter()
        .for_each(|channel| channel.always(Answer::Accept));
    assert_eq!(take_over(&world.ctx).await.unwrap(), 3);
    world.live(Span::days(2), Span::hours(6)).await;
    for channel in all {
        world.is_repeated_once(channel).await;
    }
}

/// S2: of two workers on one store each message is sent by one.
#[tokio::test]
async fn two_workers_on_one_store_send_each_message_once() {
    let world = World::new();
    for n in 0..60 {
        let person = world.person(&format!("p{n}")).await;
        due(&world, &format!("k{n}"), &person).await;
    }
    world.sweep().await;
    let settings = (*world.ctx.settings.load_full()).clone();
    let store = Arc::clone(&world.ctx.store);
    let other = world::context(store, &world.clock, settings, vec![world.mail.clone()]);
    for _ in 0..4 {
        let (one, two) = tokio::join!(drain(&world.ctx), drain(&other));
        one.and(two).unwrap();
        // What found the channel busy has its turn a moment later.
        world.clock.advance(Span::seconds(2));
    }
    let arrived = world.mail.arrived();
    let ids: BTreeSet<_> = arrived.iter().map(|h| h.id.clone()).collect();
    assert_eq!((arrived.len(), ids.len()), (60, 60));
}

/// S13, T9: what is renewed while its warning is retried is not said; of two in one message
/// the other still is, under the same id.
#[tokio::test]
async fn a_renewal_during_the_retries_takes_the_warning_back() {
    let world = World::new();
    let ada = world.person("ada").await;
    let one = due(&world, "one", &ada).await;
    let two = due(&world, "two", &ada).await;
    world.mail.always(RETRY);
    world.round().await;
    let first = world.mail.attempts().remove(0);
    assert_eq!(first.payload.lines().count(), 3);
    let later = End::Known(world.now() + Span::days(300));
    world.change(&one, |c| c.end = later).await;
    world.mail.always(Answer::Accept);
    world.live(Span::hours(6), Span::hours(1)).await;
    let arrived = world.mail.arrived();
    assert_eq!(world.mailed(), ["two 7d#1"]);
    assert_eq!(arrived[0].id, first.id);
    world.mail.forget();
    world.mail.always(RETRY);
    world.clock.advance(Span::days(4));
    world.round().await;
    assert!(!world.mail.attempts().is_empty());
    world.change(&two, |c| c.end = later).await;
    world.mail.always(Answer::Accept);
    world.live(Span::days(3), Span::hours(1)).await;
    assert_eq!(world.mailed(), ["two 3d#1 Extended"]);
}

/// S13: bytes that somebody may have got stay as they are, so that a repetition is seen as
/// one; when nothing in them stands any more they are not sent again.
#[tokio::test]
async fn what_may_have_arrived_is_repeated_as_it_was_or_not_at_all() {
    let world = World::new();
    let ada = world.person("ada").await;
    let one = due(&world, "one", &ada).await;
    let two = due(&world, "two", &ada).await;
    world
        .mail
        .next([Answer::AcceptButLose, Answer::AcceptButLose]);
    world.round().await;
    let later = End::Known(world.now() + Span::days(300));
    world.change(&one, |c| c.end = later).await;
    world.clock.advance(Span::minutes(20));
    world.deliver().await;
    let arrived = world.mail.arrived();
    assert_eq!(arrived.len(), 2);
    assert_eq!(arrived[0].payload, arrived[1].payload);
    let bob = world.person("bob").await;
    let three = due(&world, "three", &bob).await;
    world.mail.forget();
    world.mail.next([Answer::AcceptButLose]);
    world.round().await;
    world.change(&three, |c| c.end = later).await;
    world.change(&two, |c| c.end = later).await;
    world.live(Span::days(1), Span::hours(1)).await;
    let lines = world.mailed();
    assert_eq!(
        lines.iter().filter(|l| *l == "three 7d#1").count(),
        1,
        "{lines:?}"
    );
}

/// T21, S15: a reload leaves what is under way alone; what waits for a channel that is gone
/// takes the next way.
#[tokio::test]
async fn a_reload_drops_nothing_that_is_under_way() {
    let old = Arc::new(RecordingChannel::mail("a-mail"));
    let new = Arc::new(RecordingChannel::mail("b-mail"));
    let world = World::with(vec![old.clone()], old.clone());
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    due(&world, "one", &ada).await;
    world.sweep().await;
    let mut flight = InFlight::default();
    assert!(flight.start(&world.ctx).await.unwrap());
    due(&world, "two", &bob).await;
    world.sweep().await;
    world
        .ctx
        .channels
        .store(Arc::new(vec![new.clone() as Arc<dyn Channel>]));
    while flight.one_ended().await {}
    world.deliver().await;
    let arrived = [lines(&old), lines(&new)].concat();
    let mut told = arrived.clone();
    told.sort();
    assert_eq!(told, ["one 7d#1", "two 7d#1"]);
    assert_eq!(lines(&new).last().unwrap(), "two 7d#1");
    let all = messages(&world).await;
    let failed = all.iter().filter(|m| m.state == MessageState::Failed);
    assert!(failed.count() >= 1, "the ledger says which way was gone");
}

/// T3: whoever and whatever is renamed, nothing is said again and nothing is forgotten.
#[tokio::test]
async fn a_new_name_says_nothing_again() {
    let world = World::new();
    let ada = world.person("ada").await;
    let team = world.team("deployers", &[&ada]).await;
    let id = due(&world, "deploy", &ada).await;
    world.change(&id, |c| c.team = Some(team.clone())).await;
    world.round().await;
    assert_eq!(world.mailed(), ["deploy 7d#1"]);
    let renamed = Name::parse("another name").unwrap();
    let mut person = world.ctx.store.person(&ada).await.unwrap().unwrap();
    person.name = renamed.clone();
    let mut of = world.ctx.store.team(&team).await.unwrap().unwrap();
    of.name = renamed.clone();
    world
        .write(vec![Write::PutPerson(person), Write::PutTeam(of)])
        .await;
    world.change(&id, |c| c.name = renamed).await;
    world.live(Span::days(3), Span::hours(6)).await;
    assert_eq!(world.mailed(), ["deploy 7d#1"]);
    world.live(Span::days(1), Span::hours(6)).await;
    assert!(world.mailed().contains(&"another name 3d#1".to_owned()));
}

/// T23: what only a program was told is heard by nobody, and is said to people again.
#[tokio::test]
async fn what_a_program_accepted_is_heard_by_nobody() {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let hook = Arc::new(RecordingChannel::hook("hook"));
    let world = World::with(vec![mail.clone(), hook.clone()], mail.clone());
    let ada = world.person("ada").await;
    let id = due(&world, "deploy", &ada).await;
    mail.always(Answer::Fail(Verdict::GiveUp));
    world.round().await;
    assert!(lines(&hook).contains(&"deploy 7d#1".to_owned()));
    let alert = world.alert(&id, AlertKind::Expiry).await.unwrap();
    assert_eq!(alert.heard_at, None);
    mail.always(Answer::Accept);
    world.live(Span::days(2), Span::hours(6)).await;
    assert!(lines(&mail).iter().any(|l| l.starts_with("deploy 7d#")));
    let alert = world.alert(&id, AlertKind::Expiry).await.unwrap();
    assert!(alert.heard_at.is_some());
}

/// L12: one recipient who cannot be told stops none of the others.
#[tokio::test]
async fn a_recipient_who_fails_stops_nobody_else() {
    let world = World::new();
    for n in 0..6 {
        let person = world.person(&format!("p{n}")).await;
        due(&world, &format!("k{n}"), &person).await;
    }
    world.mail.next([
        Answer::Fail(Verdict::RecipientGone),
        Answer::Fail(Verdict::GiveUp),
        RETRY,
    ]);
    world.round().await;
    assert_eq!(
        world
            .mailed()
            .iter()
            .filter(|l| l.contains(" 7d#1"))
            .count(),
        3
    );
}
