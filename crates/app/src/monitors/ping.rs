//! An integration reports in: noted in memory, written down in batches.
//!
//! What was noted is lost only when the process is killed, at most two seconds of it; a
//! clean stop writes it down.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::inventory::{Monitor, PingKey};
use domain::kernel::{Instant, MonitorId};

use crate::ports::Pinged;
use crate::{AppError, Context};

/// What an integration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ping {
    /// It ran.
    Fine,
    /// It ran and failed.
    Failed,
}

/// What was heard and is not written down yet. Holds monitors that exist and nothing
/// else, so it is bounded by their number.
#[derive(Debug, Default)]
pub struct Pings(Mutex<BTreeMap<MonitorId, Pinged>>);

/// Notes that an integration reported in. Whoever knows the key may.
///
/// # Errors
/// [`AppError::NotFound`] for a key that no monitor has, without telling which; the
/// store's.
pub async fn ping(ctx: &Context, key: &str, says: Ping) -> Result<(), AppError> {
    let unknown = || AppError::not_found("this monitor");
    let key = PingKey::parse(key).map_err(|_| unknown())?;
    let id = ctx.store.monitor_of_key(&key).await?.ok_or_else(unknown)?;
    ctx.pings.note(id, says, ctx.now());
    Ok(())
}

/// Writes down what was heard since the last time; on failure it goes back. Wakes the
/// sweep when somebody must be told something.
///
/// # Errors
/// The store's.
pub async fn flush_pings(ctx: &Context) -> Result<(), AppError> {
    let heard = ctx.pings.take();
    if heard.is_empty() {
        return Ok(());
    }
    match ctx.store.flush_pings(heard.clone()).await {
        Ok(news) => {
            if news > 0 {
                ctx.sweep_wanted.notify_one();
            }
            Ok(())
        }
        Err(error) => {
            ctx.pings.put_back(heard);
            Err(error.into())
        }
    }
}

impl Pings {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<MonitorId, Pinged>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, id: MonitorId, says: Ping, at: Instant) {
        let (fine, failed) = match says {
            Ping::Fine => (Some(at), None),
            Ping::Failed => (None, Some(at)),
        };
        self.put_back(vec![Pinged {
            id,
            last_ping_at: fine,
            failed_at: failed,
            pings: 1,
        }]);
    }

    fn take(&self) -> Vec<Pinged> {
        std::mem::take(&mut *self.lock()).into_values().collect()
    }

    fn put_back(&self, heard: Vec<Pinged>) {
        let mut noted = self.lock();
        for pinged in heard {
            match noted.get_mut(&pinged.id) {
                Some(known) => known.join(&pinged),
                None => drop(noted.insert(pinged.id.clone(), pinged)),
            }
        }
    }

    /// Adds to a monitor what was heard of it and is not written down yet.
    pub(crate) fn freshen(&self, monitor: &mut Monitor) {
        if let Some(pinged) = self.lock().get(&monitor.id) {
            monitor.last_ping_at = monitor.last_ping_at.max(pinged.last_ping_at);
            monitor.failed_at = monitor.failed_at.max(pinged.failed_at);
            monitor.pings += pinged.pings;
        }
    }
}

impl Pinged {
    fn join(&mut self, other: &Self) {
        self.last_ping_at = self.last_ping_at.max(other.last_ping_at);
        self.failed_at = self.failed_at.max(other.failed_at);
        self.pings += other.pings;
    }
}
