//! Who is called what, and where they are written to?
//!
//! Kept in memory for a moment, so that a thousand messages of one sweep do not read
//! everybody a thousand times. That is for words and addresses; who must hear is decided
//! from [`Roster::exact`].

use std::sync::Arc;

use domain::kernel::{Instant, Span};
use domain::people::Directory;
use tokio::sync::Mutex;

use crate::Context;
use crate::ports::StoreError;

/// Another node's change is seen after so long at the latest; one's own at once.
const MOMENT: Span = Span::seconds(1);

/// Everybody, as they were a moment ago.
#[derive(Debug, Default)]
pub struct Roster(Mutex<Option<Read>>);

#[derive(Debug)]
struct Read {
    revision: i64,
    at: Instant,
    directory: Arc<Directory>,
}

impl Roster {
    /// Everybody as they are in the store at this moment: for who must hear.
    pub(crate) async fn exact(&self, ctx: &Context) -> Result<Arc<Directory>, StoreError> {
        match ctx.store.is_shared() {
            // Revisions of other nodes may be seen out of order, those of one never.
            true => Ok(Arc::new(ctx.store.directory().await?)),
            false => self.read(ctx).await,
        }
    }

    /// Everybody, read anew when anything about people changed or a moment has passed.
    pub(crate) async fn read(&self, ctx: &Context) -> Result<Arc<Directory>, StoreError> {
        let mut kept = self.0.lock().await;
        let revision = ctx.store.revision().await?;
        let now = ctx.now();
        let fresh = |read: &&Read| {
            let age = read.at.until(now);
            read.revision == revision && Span::ZERO <= age && age < MOMENT
        };
        if let Some(read) = kept.as_ref().filter(fresh) {
            return Ok(Arc::clone(&read.directory));
        }
        let directory = Arc::new(ctx.store.directory().await?);
        *kept = Some(Read {
            revision,
            at: now,
            directory: Arc::clone(&directory),
        });
        Ok(directory)
    }
}
