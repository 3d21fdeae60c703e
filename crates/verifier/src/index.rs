//! The entries by public id, in shards, so that a write stops few readers.
//!
//! Slots lie packed in chunks and a table of numbers finds them: a table of slots would
//! keep room for up to as many again, and copy them all when it grows.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::kernel::CredentialId;
use domain::token::TokenKind;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::keys::Mac;
use crate::profile::Profile;

/// The public id of a token: always 12 characters.
pub(crate) type Id = [u8; 12];

/// What is kept of one token; about 100 bytes with its place in the table.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) id: Id,
    pub(crate) mac: [u8; 32],
    pub(crate) profile: Arc<Profile>,
    /// The credential's version: an older one never replaces a newer one.
    pub(crate) version: u64,
    /// Microseconds; `i64::MAX` means never.
    pub(crate) ends_at: i64,
    /// The latest use since the last flush; `i64::MIN` means none.
    pub(crate) used_at: AtomicI64,
    /// Uses since the last flush.
    pub(crate) uses: AtomicU32,
    /// Stands for the address that the last use came from, where one is known; 0 is none.
    pub(crate) address: AtomicU64,
    pub(crate) key_version: u32,
    pub(crate) kind: TokenKind,
    pub(crate) revoked: bool,
    /// Whether the next use ends another token.
    pub(crate) ends_other: AtomicBool,
}

impl Slot {
    pub(crate) const fn mac(&self) -> Mac {
        Mac {
            key_version: self.key_version,
            bytes: self.mac,
        }
    }
}

/// Slots of one shard; none is ever taken away.
#[derive(Debug, Default)]
struct Shard {
    /// Numbers of slots, by the hash of their id.
    numbers: HashTable<u32>,
    chunks: Vec<Vec<Slot>>,
    count: u32,
}

const SHARDS: usize = 64;
/// Slots in a chunk.
const CHUNK: usize = 64;

impl Shard {
    fn slot(&self, number: u32) -> Option<&Slot> {
        let at = number as usize;
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    fn number(&self, hash: u64, id: &Id) -> Option<u32> {
        let is_it = |number: &u32| self.slot(*number).is_some_and(|slot| slot.id == *id);
        self.numbers.find(hash, is_it).copied()
    }

    fn replace(&mut self, number: u32, slot: Slot) {
        let at = number as usize;
        let chunk = self.chunks.get_mut(at / CHUNK);
        if let Some(old) = chunk.and_then(|chunk| chunk.get_mut(at % CHUNK)) {
            *old = slot;
        }
    }

    fn add(&mut self, hash: u64, slot: Slot, hasher: &DefaultHashBuilder) {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(slot);
        }
        let Self {
            numbers,
            chunks,
            count,
        } = self;
        let rehash = |number: &u32| {
            let at = *number as usize;
            let slot = chunks
                .get(at / CHUNK)
                .and_then(|chunk| chunk.get(at % CHUNK));
            slot.map_or(0, |slot| hasher.hash_one(slot.id))
        };
        numbers.insert_unique(hash, *count, rehash);
        *count += 1;
    }
}

#[derive(Debug)]
pub(crate) struct Index {
    shards: Vec<RwLock<Shard>>,
    /// Keyed anew in each process. Only ids that were issued here are ever put.
    hasher: DefaultHashBuilder,
}

/// Where a token stands: no slot is ever taken away or moved.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    shard: &'a RwLock<Shard>,
    number: u32,
}

impl Place<'_> {
    /// Looks at the slot while its shard is held for reading.
    pub(crate) fn look<T>(&self, see: impl FnOnce(Option<&Slot>) -> T) -> T {
        see(Index::read(self.shard).slot(self.number))
    }
}

impl Default for Index {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl Index {
    fn shard(&self, id: &Id) -> Option<(u64, &RwLock<Shard>)> {
        let hash = self.hasher.hash_one(id);
        // The table looks at the lowest and the highest bits.
        let at = usize::try_from(hash >> 32).unwrap_or(0) % SHARDS;
        Some((hash, self.shards.get(at)?))
    }

    fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
        shard.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
        shard.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a token stands, and for good.
    pub(crate) fn find(&self, id: &Id) -> Option<Place<'_>> {
        let (hash, shard) = self.shard(id)?;
        let number = Self::read(shard).number(hash, id)?;
        Some(Place { shard, number })
    }

    /// Looks at a slot while its shard is held for reading.
    pub(crate) fn look<T>(&self, id: &Id, see: impl FnOnce(Option<&Slot>) -> T) -> T {
        match self.find(id) {
            Some(place) => place.look(see),
            None => see(None),
        }
    }

    /// Puts a slot unless a newer one stands; keeps what was counted.
    pub(crate) fn put(&self, slot: Slot) {
        let Some((hash, shard)) = self.shard(&slot.id) else {
            return;
        };
        let mut shard = Self::write(shard);
        let Some(number) = shard.number(hash, &slot.id) else {
            return shard.add(hash, slot, &self.hasher);
        };
        if let Some(standing) = shard.slot(number) {
            if standing.version > slot.version {
                return;
            }
            let used_at = standing.used_at.load(Ordering::Relaxed);
            slot.used_at.store(used_at, Ordering::Relaxed);
            slot.uses
                .store(standing.uses.load(Ordering::Relaxed), Ordering::Relaxed);
            slot.address
                .store(standing.address.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        shard.replace(number, slot);
    }

    pub(crate) fn len(&self) -> usize {
        let count = |shard: &RwLock<Shard>| Self::read(shard).count as usize;
        self.shards.iter().map(count).sum()
    }
}

/// The bytes of a token's id; `None` for the ids of other credentials.
pub(crate) fn id_bytes(id: &str) -> Option<Id> {
    id.as_bytes().try_into().ok()
}

/// The id back from its bytes.
pub(crate) fn id_text(id: &Id) -> Option<CredentialId> {
    CredentialId::parse(std::str::from_utf8(id).ok()?).ok()
}
