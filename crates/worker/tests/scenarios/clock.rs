//! A clock that leaps: for one reading, or for as long as a process runs.

use std::time::{Duration, Instant as Running};

use app::sweep::{Surfaced, balance};
use domain::expiry::AlertKind;
use domain::kernel::{CredentialId, Instant, Span, SweepId};
use worker::balance::Watch;
use worker::deliver::{InFlight, believed, is_open};
use worker::pulse::{ASK_AGAIN, Pulse};
use worker::{prune, sweep};

use crate::world::{World, start};
use crate::{RETRY, messages};

const TEN_YEARS: Span = Span::days(3650);
const HOUR: Span = Span::hours(1);

async fn due(world: &World) -> CredentialId {
    let ada = world.person("ada").await;
    world
        .put(world.credential("deploy", Some(&ada), Span::days(8)))
        .await
}

/// S12: for one wrong reading nothing is swept, so nothing is said to have ended; when a second
/// one agrees, it is.
#[tokio::test]
async fn one_wrong_reading_announces_no_end() {
    let world = World::new();
    due(&world).await;
    let (began, mut pulse) = (Running::now(), Pulse::default());
    let logged = Surfaced::default();
    let mut pass = async |seconds: u64| {
        let running = began + Duration::from_secs(seconds);
        let passed = sweep::believed(&world.ctx, &mut pulse, running, &logged, true);
        let passed = passed.await.unwrap();
        world.deliver().await;
        passed
    };
    assert!(pass(0).await.complete);
    let before = world.mailed();
    world.clock.advance(TEN_YEARS);
    let doubted = pass(10).await;
    assert!(!doubted.complete, "who watches us is not called for it");
    assert_eq!(doubted.next, Some(world.now() + ASK_AGAIN));
    assert_eq!(world.mailed(), before);
    world.clock.set(start() + Span::seconds(20));
    assert!(pass(20).await.complete);
    assert_eq!(world.mailed(), before);
    world.clock.advance(TEN_YEARS);
    assert!(!pass(30).await.complete);
    world.clock.advance(Span::seconds(10));
    assert!(pass(40).await.complete);
    assert!(world.mailed().len() > before.len(), "now it is said");
}

/// S12: by one wrong reading what waits for another attempt would be too late for good.
#[tokio::test]
async fn one_reading_ten_years_ahead_fails_no_message() {
    let world = World::new();
    due(&world).await;
    world.mail.next([RETRY]);
    world.round().await;
    let before = messages(&world).await;
    assert!(before.iter().all(|m| is_open(m.state)) && !before.is_empty());
    let (began, mut pulse) = (Running::now(), Pulse::default());
    let mut flight = InFlight::default();
    let mut looked = async |seconds: u64| {
        let running = began + Duration::from_secs(seconds);
        let started = believed(&world.ctx, &mut flight, &mut pulse, running).await;
        while flight.one_ended().await {}
        started.unwrap()
    };
    assert_eq!(looked(0).await, Some(false));
    world.clock.advance(TEN_YEARS);
    assert_eq!(looked(10).await, None);
    assert_eq!(messages(&world).await, before);
    world.clock.set(start() + HOUR);
    assert_eq!(looked(3600).await, Some(true));
    let heard = world.mailed();
    assert_eq!(heard.len(), 1, "{heard:?}");
}

/// S12: nothing is removed for one wrong reading.
#[tokio::test]
async fn one_wrong_reading_removes_nothing() {
    let world = World::new();
    due(&world).await;
    world.round().await;
    let (began, mut pulse) = (Running::now(), Pulse::default());
    let removed = async |pulse: &mut Pulse, seconds: u64| {
        let running = began + Duration::from_secs(seconds);
        let rows = prune::believed(&world.ctx, pulse, running).await.unwrap();
        (rows, messages(&world).await.len())
    };
    assert_eq!(removed(&mut pulse, 0).await, (Some(0), 1));
    world.clock.advance(TEN_YEARS);
    assert_eq!(removed(&mut pulse, 10).await, (None, 1));
    world.clock.set(start() + Span::seconds(20));
    assert_eq!(removed(&mut pulse, 20).await, (Some(0), 1));
    world.clock.advance(TEN_YEARS);
    assert_eq!(removed(&mut pulse, 30).await, (None, 1));
    world.clock.advance(Span::seconds(10));
    assert!(matches!(removed(&mut pulse, 40).await, (Some(1..), 0)));
}

/// Hourly rounds, and after each the books as the loop compares them.
async fn live_watched(world: &World, watch: &mut Watch, began: Running, hours: u64) {
    for hour in 0..hours {
        let running = began + Duration::from_secs(3600 * hour);
        if let Some(since) = watch.since(world.now(), running) {
            let id = SweepId::derived(&["balance", &world.now().to_string()]);
            balance(&world.ctx, &id, since).await.unwrap();
        }
        world.round().await;
        world.clock.advance(HOUR);
    }
}

/// S12: a process that started, and swept, under a clock ten years ahead planned everything
/// for then. Once the clock is right its own books find what is due, without a restart.
#[tokio::test]
async fn what_was_planned_under_a_clock_ten_years_ahead_is_said_in_time() {
    let world = World::new();
    let id = due(&world).await;
    world.round().await;
    world.clock.advance(TEN_YEARS);
    let began = Running::now();
    let mut watch = Watch::begin(world.now(), began);
    world.round().await;
    world.clock.set(start() + HOUR);
    world.mail.forget();
    live_watched(&world, &mut watch, began, 8 * 24).await;
    let mailed = world.mailed();
    for step in ["7d#", "3d#", "1d#", "end#"] {
        let line = format!("deploy {step}");
        assert!(
            mailed.iter().any(|l| l.starts_with(&line)),
            "{step}: {mailed:?}"
        );
    }
    let alert = world.alert(&id, AlertKind::Expiry).await.unwrap();
    assert!(
        alert
            .heard_at
            .is_some_and(|at| at < start() + Span::days(9))
    );
}

/// S12: what a clock ten years ahead wrote of the last sweep, and of when a credential was seen
/// first, hides neither a sweep that stands still nor what it left unsaid.
#[tokio::test]
async fn what_was_written_in_the_future_hides_nothing() {
    let world = World::new();
    let id = due(&world).await;
    world.clock.advance(TEN_YEARS);
    world.sweep().await;
    let seen = world.now();
    world.change(&id, |c| c.first_seen_at = seen).await;
    world.clock.set(start() + Span::days(2));
    let sweep = SweepId::derived(&["books"]);
    let books = balance(&world.ctx, &sweep, start()).await.unwrap();
    assert_eq!((books.swept_at, books.unsaid), (Some(start()), 1));
}

/// S12: a beginning that is ahead of the clock counts as now, and stays there.
#[test]
fn a_process_that_began_in_the_future_begins_now() {
    let (now, running) = (start(), Running::now());
    let mut watch = Watch::begin(now + TEN_YEARS, running);
    let later = |hours: u64| running + Duration::from_secs(3600 * hours);
    assert_eq!(watch.since(now, later(1)), Some(now));
    assert_eq!(watch.since(now + HOUR, later(2)), Some(now));
    let doubted: Option<Instant> = watch.since(now + TEN_YEARS, later(3));
    assert_eq!(doubted, None);
    assert_eq!(watch.since(now + HOUR + HOUR, later(3)), Some(now));
}
