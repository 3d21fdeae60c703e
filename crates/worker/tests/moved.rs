//! Ends that a source moves: earlier, later, away and back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use domain::expiry::AlertKind;
use domain::inventory::End;
use domain::kernel::{Instant, Span};
use world::World;
use world::told::{Told, all, owned};

/// One key of ada's whose end the test moves.
struct Moved {
    world: World,
    source: Told,
}

impl Moved {
    async fn open() -> Self {
        let world = World::new();
        world.person("ada").await;
        let source = Told::new(true);
        let moved = Self { world, source };
        // The first import is over, so that what follows is told step by step.
        moved
            .ends(End::Known(world::start() + Span::days(400)))
            .await;
        moved.world.clock.advance(Span::days(2));
        moved
    }

    /// The source tells this end; answers what was mailed because of it.
    async fn ends(&self, end: End) -> Vec<String> {
        self.source.all(vec![owned("key", end, "ada@example.org")]);
        self.source.read_by(&self.world).await.unwrap();
        self.round().await
    }

    async fn round(&self) -> Vec<String> {
        self.world.mail.forget();
        self.world.round().await;
        self.world.mailed()
    }

    fn in_days(&self, days: i64) -> End {
        End::Known(self.world.now() + Span::days(days))
    }

    async fn is_open(&self) -> bool {
        let id = all(&self.world).await[0].id.clone();
        let alert = self.world.alert(&id, AlertKind::Expiry).await;
        alert.is_some_and(|a| a.resolved.is_none())
    }
}

/// B71: an end that is moved nearer says the step it now stands in, at once and only it.
#[tokio::test]
async fn a_shortened_end_says_the_deepest_step_at_once() {
    let moved = Moved::open().await;
    assert_eq!(moved.ends(moved.in_days(20)).await, ["key 30d#1"]);
    let nearer = moved.in_days(5);
    assert_eq!(moved.ends(nearer).await, ["key 7d#2"]);
    assert!(moved.ends(nearer).await.is_empty(), "told again, said once");
    let over = End::Known(moved.world.now() - Span::hours(1));
    let mailed = moved.ends(over).await;
    assert!(
        mailed.iter().any(|l| l.starts_with("key end#")),
        "{mailed:?}"
    );
}

/// B71: an end that is moved away from its steps is over, and every step opens again.
#[tokio::test]
async fn an_extended_end_is_over_and_all_its_steps_open_again() {
    let moved = Moved::open().await;
    assert_eq!(moved.ends(moved.in_days(6)).await, ["key 7d#1"]);
    let later = moved.world.now() + Span::days(100);
    assert_eq!(moved.ends(End::Known(later)).await, ["key 7d#1 Extended"]);
    assert!(!moved.is_open().await);
    let mut heard = Vec::new();
    while moved.world.now() < later - Span::days(6) {
        moved.world.clock.advance(Span::days(1));
        heard.extend(moved.ends(End::Known(later)).await);
    }
    let steps: Vec<&str> = heard.iter().filter_map(|l| l.split('#').next()).collect();
    assert_eq!(steps, ["key 30d", "key 14d", "key 7d"]);
}

/// B71: an end that is taken away for good is over, and said again when it comes back.
#[tokio::test]
async fn an_end_that_is_taken_away_is_over_and_may_come_back() {
    let moved = Moved::open().await;
    let end = moved.in_days(6);
    assert_eq!(moved.ends(end).await, ["key 7d#1"]);
    assert_eq!(moved.ends(End::Never).await, ["key 7d#1 Extended"]);
    assert!(!moved.is_open().await);
    moved.world.clock.advance(Span::days(1));
    assert!(moved.ends(End::Never).await.is_empty());
    assert_eq!(moved.ends(end).await, ["key 7d#2"]);
    assert!(moved.is_open().await);
}

/// B71, P8: a source that no longer tells the end, or tells rubbish, closes nothing: the
/// last end known counts on.
#[tokio::test]
async fn an_end_that_is_lost_counts_on() {
    let moved = Moved::open().await;
    assert_eq!(moved.ends(moved.in_days(6)).await, ["key 7d#1"]);
    assert!(moved.ends(End::Unknown).await.is_empty());
    assert!(moved.is_open().await);
    moved.world.clock.advance(Span::days(4));
    let mailed = moved.ends(End::Unknown).await;
    assert!(mailed.contains(&"key 3d#1".to_owned()), "{mailed:?}");
}

/// B71: ends that slide along at each read, as renewable leases do, never get near and
/// never say anything.
#[tokio::test]
async fn an_end_that_slides_along_says_nothing() {
    let moved = Moved::open().await;
    assert!(moved.ends(moved.in_days(45)).await.is_empty());
    for _ in 0..60 {
        moved.world.clock.advance(Span::days(1));
        assert!(moved.ends(moved.in_days(45)).await.is_empty());
    }
    // It stops to be renewed.
    let last: Instant = moved.world.now() + Span::days(45);
    let mut heard = Vec::new();
    for _ in 0..39 {
        moved.world.clock.advance(Span::days(1));
        heard.extend(moved.ends(End::Known(last)).await);
    }
    let steps: Vec<&str> = heard.iter().filter_map(|l| l.split('#').next()).collect();
    assert_eq!(steps, ["key 30d", "key 14d", "key 7d"]);
}
