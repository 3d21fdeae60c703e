//! What was used since the last flush.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::kernel::{CredentialId, Instant};

use crate::index::{Id, id_text};

/// Use of one token since the last flush.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Which.
    pub id: CredentialId,
    /// The latest use.
    pub last_used_at: Instant,
    /// How often.
    pub uses: u64,
    /// Where the last use came from; `None` where it came from no other place than before,
    /// or nobody knows.
    pub from: Option<IpAddr>,
}

/// The first use of a value that ends another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstUse {
    /// The value that was used.
    pub used: CredentialId,
    /// The value that ends now.
    pub ends: CredentialId,
}

/// How many uses of revoked tokens are remembered between flushes; the rest is the same
/// news again.
const REFUSED_MAX: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Usage {
    /// Ids with uses to flush, so that a flush does not walk every token.
    touched: Mutex<Vec<Id>>,
    /// Where uses come from now, of ids whose uses came from elsewhere before.
    addresses: Mutex<HashMap<Id, IpAddr>>,
    /// Which value ends which at its first use.
    ends: Mutex<HashMap<Id, CredentialId>>,
    first_uses: Mutex<Vec<FirstUse>>,
    refused: Mutex<HashMap<Id, Instant>>,
    reported: Mutex<HashSet<Id>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Usage {
    pub(crate) fn touch(&self, id: Id) {
        lock(&self.touched).push(id);
    }

    pub(crate) fn take_touched(&self) -> Vec<Id> {
        std::mem::take(&mut *lock(&self.touched))
    }

    pub(crate) fn come_from(&self, id: Id, address: IpAddr) {
        lock(&self.addresses).insert(id, address);
    }

    pub(crate) fn take_address(&self, id: &Id) -> Option<IpAddr> {
        lock(&self.addresses).remove(id)
    }

    pub(crate) fn will_end(&self, id: Id, other: CredentialId) {
        lock(&self.ends).insert(id, other);
    }

    pub(crate) fn will_end_nothing(&self, id: &Id) {
        lock(&self.ends).remove(id);
    }

    pub(crate) fn first_use(&self, id: &Id) {
        let ends = lock(&self.ends).remove(id);
        if let (Some(used), Some(ends)) = (id_text(id), ends) {
            lock(&self.first_uses).push(FirstUse { used, ends });
        }
    }

    pub(crate) fn take_first_uses(&self) -> Vec<FirstUse> {
        std::mem::take(&mut *lock(&self.first_uses))
    }

    pub(crate) fn put_back_first_uses(&self, events: Vec<FirstUse>) {
        lock(&self.first_uses).extend(events);
    }

    /// A revoked token was presented; told once per token until a restart.
    pub(crate) fn refuse(&self, id: Id, at: Instant) {
        let mut reported = lock(&self.reported);
        let mut refused = lock(&self.refused);
        if refused.len() < REFUSED_MAX && reported.insert(id) {
            refused.insert(id, at);
        }
    }

    pub(crate) fn take_refused(&self) -> Vec<(CredentialId, Instant)> {
        std::mem::take(&mut *lock(&self.refused))
            .into_iter()
            .filter_map(|(id, at)| Some((id_text(&id)?, at)))
            .collect()
    }
}
