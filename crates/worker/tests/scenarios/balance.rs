//! The hourly comparison of what was due, said and heard.

use app::Degradation;
use app::ports::Write;
use app::sweep::balance;
use domain::expiry::{AlertKind, Books, Subject};
use domain::inventory::End;
use domain::kernel::{Instant, Span, SweepId};
use testkit::Answer;

use crate::RETRY;
use crate::world::told::{Told, listed};
use crate::world::{World, start};

const HOUR: Span = Span::hours(1);
/// Two intervals and a minute.
const PATIENCE: Span = Span::minutes(121);

async fn compare(world: &World) -> Books {
    compare_since(world, start()).await
}

async fn compare_since(world: &World, began: Instant) -> Books {
    let mut random: &dyn app::ports::Random = world.ctx.random.as_ref();
    let id = SweepId::random(&mut random);
    balance(&world.ctx, &id, began).await.unwrap()
}

async fn is_told(world: &World) -> bool {
    world.deliver().await;
    let line = "system:notifier stalled now#1".to_owned();
    world.mailed().contains(&line)
}

/// L32: a sweep that stands still is told after two intervals and a minute, apart from it,
/// and that it goes on is told too.
#[tokio::test]
async fn a_sweep_that_stands_still_is_told_by_another() {
    let world = World::new();
    world.round().await;
    world.clock.advance(PATIENCE);
    assert_eq!(compare(&world).await, Books::default());
    world.clock.advance(Span::from_micros(1));
    let books = compare(&world).await;
    assert_eq!(books.swept_at, Some(start()));
    assert!(is_told(&world).await);
    let stalled = || world.ctx.signals.degraded().contains(&Degradation::Stalled);
    assert!(stalled());
    world.sweep().await;
    assert_eq!(compare(&world).await, Books::default());
    assert!(!stalled());
    let notifier = Subject::System("notifier".to_owned());
    let alert = world.alert_of(&notifier, AlertKind::Stalled).await.unwrap();
    assert!(alert.resolved.is_some());
}

/// L32, L1: a credential that fell off the queue is found, told, put back and said.
#[tokio::test]
async fn what_was_due_and_is_not_said_is_found_and_said() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(8)))
        .await;
    world.round().await;
    let off = Write::SetDue(Subject::Credential(id), None);
    world.write(vec![off]).await;
    world.live(Span::days(1), HOUR).await;
    let late = PATIENCE.as_micros() - 2 * HOUR.as_micros();
    world.live(Span::hours(2), HOUR).await;
    world.clock.advance(Span::from_micros(late - 1));
    assert_eq!(compare(&world).await.unsaid, 0);
    world.clock.advance(Span::from_micros(1));
    assert_eq!(compare(&world).await.unsaid, 1);
    assert!(is_told(&world).await);
    assert!(!world.mailed().contains(&"deploy 7d#1".to_owned()));
    world.round().await;
    assert!(world.mailed().contains(&"deploy 7d#1".to_owned()));
    assert_eq!(compare(&world).await, Books::default());
}

/// L32: a message that nobody takes is found.
#[tokio::test]
async fn a_message_that_nobody_sends_is_found() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(8)))
        .await;
    world.clock.advance(Span::days(1));
    let due = world.now();
    world.sweep().await;
    world.clock.advance(PATIENCE);
    world.sweep().await;
    world.clock.advance(Span::from_micros(-1));
    assert_eq!(compare(&world).await.waiting_since, None);
    world.clock.advance(Span::from_micros(1));
    assert_eq!(compare(&world).await.waiting_since, Some(due));
}

/// T20, L32: what was said and reached nobody for a day is told, and is over once somebody
/// heard it.
#[tokio::test]
async fn what_was_said_and_nobody_heard_is_found() {
    let world = World::new();
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(7)))
        .await;
    world.mail.always(RETRY);
    world.live(Span::days(1), HOUR).await;
    assert_eq!(compare(&world).await.unheard, 0);
    world.clock.advance(HOUR);
    world.round().await;
    assert_eq!(compare(&world).await.unheard, 1);
    world.mail.always(Answer::Accept);
    world.live(Span::days(1), HOUR).await;
    assert_eq!(compare(&world).await, Books::default());
}

/// What changed a moment ago, what is being imported, and what was before this process are
/// held against nobody.
#[tokio::test]
async fn what_still_has_time_is_not_told() {
    let world = World::new();
    let ada = world.person("ada").await;
    let id = world
        .put(world.credential("deploy", Some(&ada), Span::days(300)))
        .await;
    let far = Told::new(true);
    far.next(Ok((
        vec![listed("new", End::Known(start() + Span::days(5)))],
        false,
    )));
    far.read_by(&world).await.unwrap();
    world.live(Span::hours(4), HOUR).await;
    let nearer = End::Known(world.now() + Span::days(5));
    world.change(&id, |c| c.end = nearer).await;
    assert_eq!(compare(&world).await, Books::default());
    world.clock.advance(Span::days(2));
    let began = world.now() - HOUR;
    assert_eq!(compare_since(&world, began).await, Books::default());
}
