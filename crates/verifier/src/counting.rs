//! Counting uses in memory, and handing the counts to whoever flushes them.

use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::atomic::Ordering;

use domain::kernel::{CredentialId, Instant};

use crate::Verifier;
use crate::index::{Id, Place, id_bytes, id_text};
use crate::outcome::Outcome;
use crate::usage::{FirstUse, Use};

impl Verifier {
    /// Use after the end is counted too: it raises an alert of its own.
    pub(crate) fn count(&self, id: &Id, place: Place<'_>, outcome: &Outcome, now: Instant) {
        match outcome {
            Outcome::Verified(_) => {
                if self.add_use(id, place, now, 1) && is_first_use(place) {
                    self.usage.first_use(id);
                }
            }
            Outcome::Expired(_) => {
                self.add_use(id, place, now, 1);
            }
            Outcome::Revoked(_) => self.usage.refuse(*id, now),
            Outcome::Unknown | Outcome::Suspended(_) => {}
        }
    }

    /// Counts uses; answers whether the next one still ends another value.
    fn add_use(&self, id: &Id, place: Place<'_>, at: Instant, uses: u32) -> bool {
        let added = place.look(|slot| {
            slot.map(|slot| {
                slot.used_at.fetch_max(at.as_micros(), Ordering::Relaxed);
                let before = slot.uses.fetch_add(uses, Ordering::Relaxed);
                (before == 0, slot.ends_other.load(Ordering::Relaxed))
            })
        });
        let Some((untouched, ends_other)) = added else {
            return false;
        };
        if untouched {
            self.usage.touch(*id);
        }
        ends_other
    }

    /// Where a use that was just counted came from.
    pub fn came_from(&self, id: &CredentialId, address: IpAddr) {
        let id = id_bytes(id.as_str());
        if let Some((id, place)) = id.and_then(|id| Some((id, self.index.find(&id)?))) {
            self.note_address(id, place, address);
        }
    }

    pub(crate) fn note_address(&self, id: Id, place: Place<'_>, address: IpAddr) {
        let mark = self.mark(address);
        let moved = place.look(|slot| {
            slot.is_some_and(|slot| {
                slot.address.load(Ordering::Relaxed) != mark
                    && slot.address.swap(mark, Ordering::Relaxed) != mark
            })
        });
        if moved {
            self.usage.come_from(id, address);
        }
    }

    /// What stands for an address, never 0: itself where it fits, else a keyed hash, so that
    /// nobody finds an address of his own that stands for another's.
    fn mark(&self, address: IpAddr) -> u64 {
        const HASHED: u64 = 1 << 63;
        const WHOLE: u64 = 1 << 32;
        match address {
            IpAddr::V4(address) => WHOLE | u64::from(address.to_bits()),
            IpAddr::V6(_) => HASHED | self.addresses.hash_one(address),
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
                if let Some(place) = self.index.find(&id) {
                    self.add_use(&id, place, used.last_used_at, uses);
                }
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

/// Of several at once one is the first.
fn is_first_use(place: Place<'_>) -> bool {
    place.look(|slot| slot.is_some_and(|s| s.ends_other.swap(false, Ordering::Relaxed)))
}
