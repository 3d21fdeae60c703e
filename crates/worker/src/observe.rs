//! Reads every source at its own interval, and at once when somebody asks.
//!
//! Sources are read side by side, each by one reader at a time: one that hangs delays
//! nobody else.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::Context;
use app::ports::Connector;
use app::reconcile::observe;
use domain::kernel::SourceId;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::schedule::Schedule;
use crate::until;

/// Reads until stopped.
pub async fn run(ctx: Arc<Context>, stop: CancellationToken) {
    let mut readers = Readers::default();
    loop {
        readers.start(&ctx);
        let settings = ctx.settings.load_full();
        let next = readers.schedule.next(|id| settings.interval_of(id));
        tokio::select! {
            () = stop.cancelled() => return,
            () = until(&ctx, next, settings.interval) => {}
            () = ctx.sync_wanted.notified() => {}
            Some(ended) = readers.tasks.join_next_with_id() => readers.ended(ended),
        }
    }
}

/// Sources that are being read, and when each was last begun.
#[derive(Default)]
struct Readers {
    tasks: JoinSet<()>,
    busy: BTreeMap<SourceId, Id>,
    schedule: Schedule<Arc<dyn Connector>>,
}

impl Readers {
    fn start(&mut self, ctx: &Arc<Context>) {
        let (connectors, settings) = (ctx.connectors.load_full(), ctx.settings.load_full());
        self.schedule.retain(|id| connectors.contains_key(id));
        for (id, connector) in connectors.iter() {
            let (interval, now) = (settings.interval_of(id), ctx.now());
            let same = |with: &Arc<dyn Connector>| Arc::ptr_eq(with, connector);
            let due = self.schedule.is_due(id, interval, now, same);
            if self.busy.contains_key(id) {
                // What somebody wants meanwhile stays wanted until this read has ended.
                if due {
                    tracing::warn!(source = %id, "is still being read; not started again");
                    self.schedule.begin(id, Arc::clone(connector), now);
                }
            } else if ctx.readings.take_wanted(id) || due {
                self.schedule.begin(id, Arc::clone(connector), now);
                self.read(ctx, id, connector);
            }
        }
    }

    fn read(&mut self, ctx: &Arc<Context>, id: &SourceId, connector: &Arc<dyn Connector>) {
        let (ctx, connector, source) = (Arc::clone(ctx), Arc::clone(connector), id.clone());
        let task = self.tasks.spawn(async move {
            if let Err(error) = observe(&ctx, connector.as_ref()).await {
                tracing::error!(%source, %error, "what was read could not be stored");
            }
        });
        self.busy.insert(id.clone(), task.id());
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "a reader panicked");
                error.id()
            }
        };
        self.busy.retain(|_, busy| *busy != id);
    }
}
