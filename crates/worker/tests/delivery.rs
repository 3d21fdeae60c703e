//! The ledger: at least once, almost never twice, and never in silence.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::sync::Arc;

use app::deliver::{claim, take_over};
use app::ports::{MessageFilter, PageRequest, Verdict};
use domain::expiry::{AlertKind, Subject};
use domain::kernel::{ChannelId, Instant, Span};
use domain::notice::{Message, MessageState};
use testkit::{Answer, RecordingChannel};
use world::{World, lines};

const RETRY: Answer = Answer::Fail(Verdict::Retry { after: None });

async fn messages(world: &World) -> Vec<Message> {
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let store = &world.ctx.store;
    store
        .list_messages(&MessageFilter::default(), &page)
        .await
        .unwrap()
        .items
}

async fn one_due(world: &World) {
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.sweep().await;
}

/// When somebody heard of the one that [`one_due`] put.
async fn heard_at(world: &World) -> Option<Instant> {
    let id = world.credential("deploy", None, Span::ZERO).id;
    world.alert(&id, AlertKind::Expiry).await.unwrap().heard_at
}

/// S1, T4, F1, P2: killed before anything was sent: one delivery.
#[tokio::test]
async fn a_claim_that_died_before_sending_is_delivered_once() {
    let world = World::new();
    one_due(&world).await;
    let claimed = claim(&world.ctx, 10, Vec::new()).await.unwrap();
    assert_eq!(claimed.len(), 1);
    world.deliver().await;
    assert!(world.mail.attempts().is_empty(), "the lease still runs");
    let mail = world.mail.clone();
    let world = world.restarted(vec![mail]);
    assert_eq!(take_over(&world.ctx).await.unwrap(), 1);
    world.deliver().await;
    assert_eq!(world.mailed(), ["deploy 7d#1"]);
}

/// S1, L19, F1, P2: killed between the server's 250 and our commit: the same message once more,
/// with the same id and the same bytes, and then never again.
#[tokio::test]
async fn a_crash_after_acceptance_repeats_one_message_with_the_same_id() {
    let world = World::new();
    one_due(&world).await;
    world.mail.next([Answer::Hang]);
    drop(world.under_way(&[&world.mail]).await);
    world.clock.advance(Span::hours(1));
    world.deliver().await;
    world.clock.advance(Span::hours(1));
    world.round().await;
    world.is_repeated_once(&world.mail).await;
}

/// S1, F23: the connection drops after DATA: once more, then it is unconfirmed, and the
/// alert is not heard, so that it is said again.
#[tokio::test]
async fn two_lost_answers_leave_a_mail_unconfirmed() {
    let world = World::new();
    world
        .mail
        .next([Answer::AcceptButLose, Answer::AcceptButLose]);
    one_due(&world).await;
    world.deliver().await;
    world.clock.advance(Span::hours(6));
    world.deliver().await;
    let all = messages(&world).await;
    assert_eq!(all[0].state, MessageState::Unconfirmed);
    let heard = world.mail.arrived();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].id, heard[1].id);
    assert_eq!(heard[0].payload, heard[1].payload);
    world.live(Span::days(3), Span::hours(6)).await;
    assert!(world.mailed().contains(&"deploy 7d#2".to_owned()));
}

/// S1, P2: where the other side drops what it has seen, lost answers are tried on.
#[tokio::test]
async fn a_receiver_that_drops_repeats_is_asked_until_it_answers() {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let hook = Arc::new(RecordingChannel::hook("hook"));
    let world = World::with(vec![mail.clone(), hook.clone()], mail);
    hook.next(vec![Answer::AcceptButLose; 3]);
    one_due(&world).await;
    for _ in 0..5 {
        world.deliver().await;
        world.clock.advance(Span::hours(3));
    }
    let ids: std::collections::BTreeSet<_> = hook.arrived().into_iter().map(|h| h.id).collect();
    assert_eq!((hook.arrived().len(), ids.len()), (4, 1));
}

/// S9, F23: a mailbox that is gone marks its person, and the others hear instead.
#[tokio::test]
async fn a_bounce_marks_the_person_and_the_next_in_line_hears() {
    let world = World::new();
    let ada = world.person("ada").await;
    let bob = world.person("bob").await;
    let team = world.team("deployers", &[&ada, &bob]).await;
    let mut credential = world.credential("deploy", Some(&ada), Span::days(7));
    credential.team = Some(team);
    world.put(credential).await;
    world.mail.next([Answer::Fail(Verdict::RecipientGone)]);
    world.round().await;
    world.round().await;
    let persons = [&ada, &bob];
    let mut bounced = Vec::new();
    for id in persons {
        let person = world.ctx.store.person(id).await.unwrap().unwrap();
        bounced.push(person.bounced_at.is_some());
    }
    assert_eq!(bounced.iter().filter(|b| **b).count(), 1);
    let arrived: Vec<String> = world
        .mail
        .arrived()
        .into_iter()
        .map(|h| h.payload)
        .collect();
    assert!(!arrived.is_empty());
    assert!(
        arrived
            .iter()
            .all(|p| p.contains("deploy 7d") || p.contains("outbox")),
        "{arrived:?}"
    );
}

/// L4, L13: nobody is marked as told to whom nothing was sent, and nothing is heard before a
/// channel accepted it; the catch-all hears instead.
#[tokio::test]
async fn an_owner_who_bounces_alone_is_replaced_by_the_catch_all() {
    let world = World::new();
    one_due(&world).await;
    assert_eq!(heard_at(&world).await, None, "handed over");
    world.mail.next([RETRY]);
    world.deliver().await;
    assert_eq!(heard_at(&world).await, None, "to be tried again");
    world.clock.advance(Span::hours(1));
    world.mail.next([Answer::Fail(Verdict::RecipientGone)]);
    world.deliver().await;
    assert_eq!(world.mail.attempts().len(), 2);
    assert_eq!(heard_at(&world).await, None, "refused");
    world.round().await;
    assert_eq!(heard_at(&world).await, Some(world.now()), "accepted");
    let to: Vec<String> = world
        .mail
        .arrived()
        .into_iter()
        .map(|h| h.payload)
        .collect();
    assert!(
        to.iter()
            .any(|p| p.contains("address:ops@example.org") && p.contains("deploy 7d#1")),
        "{to:?}"
    );
}

/// S10, T22, P3: a channel whose password is refused falls over at once, and says so over another
/// way; when it works again, that is said too.
#[tokio::test]
async fn a_broken_channel_falls_over_and_is_an_alert_over_another_way() {
    let mail = Arc::new(RecordingChannel::mail("a-mail"));
    let other = Arc::new(RecordingChannel::mail("b-mail"));
    let world = World::with(vec![mail.clone(), other.clone()], mail.clone());
    mail.always(Answer::Fail(Verdict::ChannelBroken));
    one_due(&world).await;
    world.deliver().await;
    assert_eq!(lines(&other), ["deploy 7d#1"]);
    world.round().await;
    let broken = Subject::Channel(ChannelId::parse("a-mail").unwrap());
    assert!(lines(&other).contains(&"channel:a-mail undeliverable now#1".to_owned()));
    assert!(mail.arrived().is_empty());
    mail.always(Answer::Accept);
    let bob = world.person("bob").await;
    world.clock.advance(Span::hours(25));
    world
        .put(world.credential("next", Some(&bob), Span::days(7)))
        .await;
    world.round().await;
    world.round().await;
    let alert = world
        .alert_of(&broken, AlertKind::Undeliverable)
        .await
        .unwrap();
    assert!(alert.resolved.is_some(), "it delivered {:?}", lines(&mail));
}

/// S3, T13, F24: mail is down for three days: one message a recipient says what is true then.
#[tokio::test]
async fn after_an_outage_of_three_days_only_the_current_step_arrives() {
    let world = World::new();
    world.mail.always(RETRY);
    let ada = world.person("ada").await;
    for name in ["one", "two", "three"] {
        world
            .put(world.credential(name, Some(&ada), Span::days(8)))
            .await;
    }
    world.live(Span::days(5), Span::hours(1)).await;
    assert!(world.mail.arrived().is_empty());
    world.mail.always(Answer::Accept);
    world.live(Span::hours(25), Span::hours(1)).await;
    let to_ada: Vec<String> = world
        .mail
        .arrived()
        .into_iter()
        .filter(|h| h.payload.contains("person:"))
        .map(|h| h.payload)
        .collect();
    let stale = to_ada.iter().filter(|p| p.contains(" 7d#")).count();
    assert_eq!(stale, 0, "{to_ada:#?}");
    let first = &to_ada[0];
    assert!(
        ["one", "two", "three"]
            .iter()
            .all(|n| first.contains(&format!("{n} 3d#")))
    );
}

/// S13, T9, P2: what was renewed while its message waited is not said.
#[tokio::test]
async fn a_renewal_before_the_first_attempt_takes_the_message_back() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.sweep().await;
    let end = world.now() + Span::days(300);
    world
        .change(&id, |c| c.end = domain::inventory::End::Known(end))
        .await;
    world.round().await;
    assert!(world.mailed().is_empty(), "{:?}", world.mailed());
    let all = messages(&world).await;
    let taken_back =
        |m: &Message| matches!(m.state, MessageState::Superseded | MessageState::Joined);
    assert!(all.iter().all(taken_back), "{all:#?}");
}

/// T6, F26: a channel that hangs delays nobody else.
#[tokio::test]
async fn a_channel_that_hangs_delays_no_other() {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let hung: Vec<Arc<RecordingChannel>> = (0..3)
        .map(|n| Arc::new(RecordingChannel::hook(&format!("hung{n}"))))
        .collect();
    let mut channels: Vec<Arc<dyn app::ports::Channel>> = vec![mail.clone()];
    for channel in &hung {
        channel.always(Answer::Hang);
        channels.push(channel.clone());
    }
    let world = World::with(channels, mail);
    for n in 0..60 {
        let person = world.person(&format!("p{n}")).await;
        world
            .put(world.credential(&format!("k{n}"), Some(&person), Span::days(7)))
            .await;
        if n % 10 == 0 {
            world.sweep().await;
        }
    }
    world.sweep().await;
    let mut flight = worker::deliver::InFlight::default();
    for _ in 0..200_000 {
        if world.mail.arrived().len() == 60 {
            assert!(flight.len() >= 3, "the hung ones still hang");
            return;
        }
        if !flight.start(&world.ctx).await.unwrap() {
            world.clock.advance(Span::from_micros(1_000));
            tokio::task::yield_now().await;
        }
    }
    panic!("only {} of 60 arrived", world.mail.arrived().len());
}

/// T8, P3: no channel that reaches a person is an alert over the ways there are, a reason in
/// the readiness, and healed when a channel comes.
#[tokio::test]
async fn without_a_way_to_persons_the_shared_channels_are_told() {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let hook = Arc::new(RecordingChannel::hook("hook"));
    let world = World::with(vec![hook.clone()], mail.clone());
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.round().await;
    let degraded = world.ctx.signals.degraded();
    assert!(degraded.contains(&app::Degradation::NoChannel));
    assert!(lines(&hook).contains(&"system:audience no_way_out now#1".to_owned()));
    let world = world.restarted(vec![hook.clone(), mail.clone()]);
    world.live(Span::hours(43), Span::hours(1)).await;
    assert!(
        !world
            .ctx
            .signals
            .degraded()
            .contains(&app::Degradation::NoChannel)
    );
    assert!(
        lines(&mail).iter().any(|l| l.starts_with("deploy 7d#")),
        "said again once somebody can hear: {:?}",
        lines(&mail)
    );
}

/// T7, L29, P3: a message that failed over every way is told to the operators.
#[tokio::test]
async fn what_failed_over_every_way_is_told_to_the_operators() {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let hook = Arc::new(RecordingChannel::hook("hook"));
    let world = World::with(vec![mail.clone(), hook.clone()], mail.clone());
    mail.always(Answer::Fail(Verdict::GiveUp));
    one_due(&world).await;
    world.deliver().await;
    world.round().await;
    let told = lines(&hook);
    assert!(
        told.contains(&"system:outbox undeliverable now#1".to_owned()),
        "{told:?}"
    );
}

/// T19, L28: a test takes the very path of a warning.
#[tokio::test]
async fn a_test_is_claimed_rendered_and_recorded_like_any_message() {
    let world = World::new();
    let ada = world.person("ada").await;
    let asking = app::Principal {
        token: None,
        kind: None,
        owner: domain::people::Owner::Person(ada),
        grant: domain::access::Grant::ALL.into(),
        expires_at: None,
        ingest_source: None,
    };
    let mail = ChannelId::parse("mail").unwrap();
    let id = app::deliver::test_channel(&world.ctx, &asking, &mail, None)
        .await
        .unwrap();
    world.deliver().await;
    let message = world.ctx.store.message(&id).await.unwrap().unwrap();
    assert_eq!(message.state, MessageState::Accepted);
    assert_eq!(world.mail.arrived()[0].id, id);
}
