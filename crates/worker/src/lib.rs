#![doc = include_str!("../README.md")]

pub mod balance;
pub mod deliver;
pub mod keep_up;
pub mod observe;
pub mod prune;
pub mod pulse;
mod schedule;
mod supervise;
pub mod sweep;
pub mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use app::Context;
use app::feed::Followed;
use async_trait::async_trait;
use domain::kernel::{Instant, Span};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long the loops may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a loop that was not asked a second time may take to fall.
const LAST: Duration = Duration::from_secs(1);

/// The dead-man's switch: somebody outside who misses us when we fall silent.
#[async_trait]
pub trait Heartbeat: Send + Sync {
    /// Tells them that a sweep was complete. Failing is logged, never fatal.
    async fn beat(&self);
}

/// What the loops work with beside the context.
pub struct Equipment {
    /// Who is told after each complete sweep.
    pub heartbeat: Option<Arc<dyn Heartbeat>>,
    /// Whether no other process can be using the store: then what a process that is gone
    /// was sending is taken over at once.
    pub alone: bool,
    /// Up to where the verifier was loaded.
    pub followed: Followed,
}

/// The running loops.
pub struct Workers {
    ctx: Arc<Context>,
    tasks: JoinSet<()>,
}

/// Starts every loop; they end when `stop` is cancelled.
pub fn start(ctx: &Arc<Context>, equipment: Equipment, stop: &CancellationToken) -> Workers {
    let mut tasks = JoinSet::new();
    let Equipment {
        heartbeat,
        alone,
        followed,
    } = equipment;
    supervise::spawn(&mut tasks, "sweep", stop, {
        let ctx = Arc::clone(ctx);
        move |stop| sweep::run(Arc::clone(&ctx), heartbeat.clone(), alone, stop)
    });
    supervise::spawn(&mut tasks, "deliver", stop, {
        let ctx = Arc::clone(ctx);
        move |stop| deliver::run(Arc::clone(&ctx), alone, stop)
    });
    supervise::spawn(&mut tasks, "observe", stop, {
        let ctx = Arc::clone(ctx);
        move |stop| observe::run(Arc::clone(&ctx), stop)
    });
    supervise::spawn(&mut tasks, "keep-up", stop, {
        let ctx = Arc::clone(ctx);
        move |stop| keep_up::run(Arc::clone(&ctx), followed.clone(), stop)
    });
    supervise::spawn(&mut tasks, "upkeep", stop, {
        let ctx = Arc::clone(ctx);
        move |stop| upkeep::run(Arc::clone(&ctx), stop)
    });
    supervise::spawn(&mut tasks, "balance", stop, {
        let ctx = Arc::clone(ctx);
        move |stop| balance::run(Arc::clone(&ctx), stop)
    });
    supervise::spawn(&mut tasks, "prune", stop, {
        let ctx = Arc::clone(ctx);
        move |stop| prune::run(Arc::clone(&ctx), stop)
    });
    Workers {
        ctx: Arc::clone(ctx),
        tasks,
    }
}

impl Workers {
    /// Waits for the loops, which must have been asked to stop, and writes down what only
    /// memory knows.
    pub async fn stop(mut self) {
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!(
                "a worker did not end in time; what it held is taken up at the next start"
            );
            // What it was about to write goes back to memory.
            self.tasks.abort_all();
            let ended = async { while self.tasks.join_next().await.is_some() {} };
            let _ = tokio::time::timeout(LAST, ended).await;
        }
        keep_up::write_down(&self.ctx).await;
        if let Err(error) = app::monitors::stop_listening(&self.ctx).await {
            tracing::warn!(%error, "until when monitors were heard could not be written");
        }
    }
}

/// Waits until `at` (by the context's clock), `limit` at the most.
async fn until(ctx: &Context, at: Option<Instant>, limit: Span) {
    let now = ctx.now();
    let wait = at.map_or(limit, |at| now.until(at).min(limit));
    // A busy loop is worse than a moment's delay.
    tokio::time::sleep(wait.max(Span::from_micros(20_000)).to_std()).await;
}
