//! The loops as they run, watched from outside, in paused time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::Degradation;
use app::feed::Followed;
use app::ports::{Clock, Write};
use async_trait::async_trait;
use domain::expiry::Subject;
use domain::kernel::{CredentialId, Instant, Span};
use testkit::FakeClock;
use tokio_util::sync::CancellationToken;
use worker::{Equipment, Heartbeat, Workers};

use crate::world::{World, start};

const HOUR: Span = Span::hours(1);
const MOMENT: Duration = Duration::from_millis(1);

/// Who misses us when we fall silent: keeps when it was called.
struct Watcher {
    clock: Arc<FakeClock>,
    called: Mutex<Vec<Instant>>,
}

#[async_trait]
impl Heartbeat for Watcher {
    async fn beat(&self) {
        self.called.lock().unwrap().push(self.clock.now());
    }
}

impl Watcher {
    fn calls(&self) -> Vec<Instant> {
        self.called.lock().unwrap().clone()
    }
}

/// Whether it comes true. Moments of the loops pass meanwhile, far from an hour, on a clock that
/// stands still.
async fn in_moments(turns: u32, now: impl Fn() -> bool) -> bool {
    for turn in 0..turns {
        if now() {
            return true;
        }
        if turn % 100 == 0 {
            tokio::time::advance(MOMENT).await;
        }
        tokio::task::yield_now().await;
    }
    now()
}

async fn comes_true(what: &str, now: impl Fn() -> bool) {
    assert!(in_moments(4_000_000, now).await, "{what}");
}

/// A house with a credential and all its loops, in paused time.
struct Running {
    world: World,
    watcher: Arc<Watcher>,
    workers: Workers,
    stop: CancellationToken,
}

impl Running {
    /// With one credential, and swept once.
    async fn with_credential(world: World, left: Span) -> (Self, CredentialId) {
        let ada = world.person("ada").await;
        let credential = world.credential("deploy", Some(&ada), left);
        let id = world.put(credential).await;
        let house = Self::start(world).await;
        let called = || !house.watcher.calls().is_empty();
        comes_true("the first sweep is told", called).await;
        (house, id)
    }

    async fn start(world: World) -> Self {
        // Paused time leaps ahead when nothing runs, as it seems while the store works.
        tokio::spawn(async {
            loop {
                tokio::task::yield_now().await;
            }
        });
        let clock = Arc::clone(&world.clock);
        let called = Mutex::default();
        let watcher = Arc::new(Watcher { clock, called });
        let stop = CancellationToken::new();
        let equipment = Equipment {
            heartbeat: Some(watcher.clone()),
            alone: true,
            followed: Followed::default(),
        };
        let workers = worker::start(&world.ctx, equipment, &stop);
        Self {
            world,
            watcher,
            workers,
            stop,
        }
    }

    /// Moves the clock on, and the time of the loops with it where it is an hour, and waits until
    /// it is swept. Both move together: were the loops to run ahead, or to fall behind, the books
    /// would be compared twice in an hour, or by a clock that leaps.
    async fn swept_after(&self, span: Span) {
        let world = &self.world;
        world.clock.advance(span);
        if span >= HOUR {
            tokio::time::advance(span.to_std()).await;
        }
        world.ctx.sweep_wanted.notify_one();
        let swept = || world.ctx.signals.last_complete_sweep_at() == Some(world.now());
        comes_true("it is swept", swept).await;
    }

    fn is_stalled(&self) -> bool {
        let degraded = self.world.ctx.signals.degraded();
        degraded.contains(&Degradation::Stalled)
    }

    /// Hours pass until the books differ, or agree again; in each the comparison has its turn.
    async fn stands(&self, stalled: bool) {
        for _ in 0..12 {
            if in_moments(20_000, || self.is_stalled() == stalled).await {
                return;
            }
            self.swept_after(HOUR).await;
        }
        assert_eq!(self.is_stalled(), stalled, "nobody compares the books");
    }

    /// Moments pass while the loops end, for one may rest on its way.
    async fn stop(self) {
        self.stop.cancel();
        let ending = tokio::spawn(self.workers.stop());
        comes_true("the loops end", || ending.is_finished()).await;
    }

    async fn is_told(&self, line: &str) {
        let told = || self.world.mailed().iter().any(|told| told == line);
        comes_true(line, told).await;
    }
}

/// L32: the loop that compares the books runs by itself: what every sweep passes over it finds
/// within hours, and tells, and whoever watches is called no more until the books agree.
#[tokio::test(start_paused = true)]
async fn what_every_sweep_passes_over_is_told_and_stops_the_calls() {
    let left = Span::hours(7 * 24 + 1);
    let (house, id) = Running::with_credential(World::new(), left).await;
    let off = Write::SetDue(Subject::Credential(id), None);
    house.world.write(vec![off]).await;

    house.stands(true).await;
    house.is_told("system:notifier stalled now#1").await;
    house.is_told("deploy 7d#1").await;
    let noticed = house.world.now();
    for _ in 0..3 {
        house.swept_after(Span::minutes(1)).await;
    }
    let silent = house.world.now();

    house.stands(false).await;
    house
        .is_told("system:notifier stalled now#1 Recovered")
        .await;
    house.swept_after(HOUR).await;
    let calls = || house.watcher.calls().last() == Some(&house.world.now());
    comes_true("who watches is called again", calls).await;
    let between = |at: &Instant| noticed < *at && *at <= silent;
    let calls = house.watcher.calls();
    assert!(
        !calls.iter().any(between),
        "{noticed} to {silent}: {calls:?}"
    );
    house.stop().await;
}

/// L32: books that cannot be compared, hour after hour, are as bad as books that differ:
/// whoever watches is called no more.
#[tokio::test(start_paused = true)]
async fn books_that_cannot_be_compared_twice_stop_the_calls() {
    let (world, store) = World::faulty();
    let (house, id) = Running::with_credential(world, Span::days(5)).await;
    store.break_rows([id]);

    house.stands(true).await;
    let noticed = house.world.now();
    assert!(start() + HOUR < noticed, "once may happen");
    house.swept_after(Span::minutes(1)).await;
    let calls = house.watcher.calls();
    assert!(calls.iter().all(|at| *at <= noticed), "{calls:?}");
    house.stop().await;
}
