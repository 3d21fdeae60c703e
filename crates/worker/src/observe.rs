//! Reads every source each interval, and at once when somebody asks.
//!
//! Sources are read side by side, each by one reader at a time: one that hangs delays
//! nobody else.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::Context;
use app::reconcile::observe;
use domain::kernel::SourceId;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::until;

/// Reads until stopped.
pub async fn run(ctx: Arc<Context>, stop: CancellationToken) {
    let mut readers = Readers::default();
    loop {
        readers.start(&ctx);
        let interval = ctx.settings.load().interval;
        tokio::select! {
            () = stop.cancelled() => return,
            () = until(&ctx, None, interval) => {}
            () = ctx.sync_wanted.notified() => {}
        }
        readers.reap();
    }
}

/// Sources that are being read.
#[derive(Default)]
struct Readers {
    tasks: JoinSet<SourceId>,
    busy: BTreeSet<SourceId>,
}

impl Readers {
    fn start(&mut self, ctx: &Arc<Context>) {
        for connector in ctx.connectors.load().values() {
            let id = connector.source().clone();
            if !self.busy.insert(id.clone()) {
                tracing::warn!(source = %id, "is still being read; not started again");
                continue;
            }
            let (ctx, connector) = (Arc::clone(ctx), Arc::clone(connector));
            self.tasks.spawn(async move {
                if let Err(error) = observe(&ctx, connector.as_ref()).await {
                    tracing::error!(source = %id, %error, "what was read could not be stored");
                }
                id
            });
        }
    }

    fn reap(&mut self) {
        while let Some(ended) = self.tasks.try_join_next() {
            match ended {
                Ok(id) => drop(self.busy.remove(&id)),
                Err(error) => {
                    tracing::error!(%error, "a reader panicked");
                    // Whose it was is not known; those still running say so themselves.
                    self.busy.clear();
                }
            }
        }
    }
}
