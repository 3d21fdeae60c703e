//! Counting uses in memory, and handing the counts to whoever flushes them.

use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::atomic::Ordering;

use domain::kernel::{CredentialId, Instant};

use crate::Verifier;
use crate::index::{Id, id_bytes, id_text};
use crate::outcome::Outcome;
use crate::usage::{FirstUse, Use};

impl Verifier {
    /// Use after the end is counted too: it raises an alert of its own.
    pub(crate) fn count(&self, outcome: &Outcome, now: Instant) {
        let (Outcome::Verified(entry) | Outcome::Expired(entry) | Outcome::Revoked(entry)) =
            outcome
        else {
            return;
        };
        let Some(id) = id_bytes(entry.id.as_str()) else {
            return;
        };
        if matches!(outcome, Outcome::Revoked(_)) {
            return self.usage.refuse(id, now);
        }
        self.add_use(&id, now, 1);
        if matches!(outcome, Outcome::Verified(_)) && self.is_first_use(&id) {
            self.usage.first_use(&id);
        }
    }

    fn is_first_use(&self, id: &Id) -> bool {
        self.index.look(id, |slot| {
            // Looking before writing keeps the cache line of hot tokens shared.
            slot.is_some_and(|s| {
                s.ends_other.load(Ordering::Relaxed) && s.ends_other.swap(false, Ordering::Relaxed)
            })
        })
    }

    fn add_use(&self, id: &Id, at: Instant, uses: u32) {
        let untouched = self.index.look(id, |slot| {
            slot.is_some_and(|slot| {
                slot.used_at.fetch_max(at.as_micros(), Ordering::Relaxed);
                slot.uses.fetch_add(uses, Ordering::Relaxed) == 0
            })
        });
        if untouched {
            self.usage.touch(*id);
        }
    }

    /// Where a use that was just counted came from. Costs a hash where it is no other place
    /// than before.
    pub fn came_from(&self, id: &CredentialId, address: IpAddr) {
        let Some(id) = id_bytes(id.as_str()) else {
            return;
        };
        // Keyed: nobody finds an address of his own that stands for another's.
        let mark = self.addresses.hash_one(address).max(1);
        let moved = self.index.look(&id, |slot| {
            slot.is_some_and(|slot| {
                slot.address.load(Ordering::Relaxed) != mark
                    && slot.address.swap(mark, Ordering::Relaxed) != mark
            })
        });
        if moved {
            self.usage.come_from(id, address);
        }
    }

    /// All uses since the last call.
    pub fn drain_usage(&self) -> Vec<Use> {
        let touched = self.usage.take_touched();
        touched.iter().filter_map(|id| self.drain_one(id)).collect()
    }

    fn drain_one(&self, id: &Id) -> Option<Use> {
        let (uses, used_at) = self.index.look(id, |slot| {
            let slot = slot?;
            // The count first: a use in between is in the next flush with its time.
            let uses = slot.uses.swap(0, Ordering::Relaxed);
            Some((uses, slot.used_at.load(Ordering::Relaxed)))
        })?;
        (uses > 0).then_some(Use {
            id: id_text(id)?,
            last_used_at: Instant::from_micros(used_at),
            uses: u64::from(uses),
            // What is noted behind this is told with the next use.
            from: self.usage.take_address(id),
        })
    }

    /// Counts again what could not be flushed.
    pub fn put_back_usage(&self, usage: Vec<Use>) {
        for used in usage {
            if let Some(id) = id_bytes(used.id.as_str()) {
                let uses = u32::try_from(used.uses).unwrap_or(u32::MAX);
                self.add_use(&id, used.last_used_at, uses);
                if let Some(from) = used.from {
                    self.usage.come_from(id, from);
                }
            }
        }
    }

    /// The latest use this process has seen of a token, flushed or not.
    pub fn last_use(&self, id: &CredentialId) -> Option<Instant> {
        let id = id_bytes(id.as_str())?;
        let used_at = self
            .index
            .look(&id, |slot| slot.map(|s| s.used_at.load(Ordering::Relaxed)))?;
        (used_at != i64::MIN).then(|| Instant::from_micros(used_at))
    }

    /// First uses since the last call that end another value.
    pub fn drain_first_uses(&self) -> Vec<FirstUse> {
        self.usage.take_first_uses()
    }

    /// Gives back what could not be ended.
    pub fn put_back_first_uses(&self, events: Vec<FirstUse>) {
        self.usage.put_back_first_uses(events);
    }

    /// Revoked tokens that were presented since the last call; each is told once.
    pub fn drain_refused(&self) -> Vec<(CredentialId, Instant)> {
        self.usage.take_refused()
    }
}
