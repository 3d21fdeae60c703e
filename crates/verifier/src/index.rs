//! The entries by public id, in shards, so that a write stops few readers.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::kernel::CredentialId;
use domain::token::TokenKind;

use crate::keys::Mac;
use crate::profile::Profile;

/// The public id of a token: always 12 characters.
pub(crate) type Id = [u8; 12];

/// What is kept of one token; about 100 bytes with its place in the map.
#[derive(Debug)]
pub(crate) struct Slot {
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

type Shard = HashMap<Id, Slot>;
const SHARDS: usize = 64;

#[derive(Debug)]
pub(crate) struct Index {
    shards: Vec<RwLock<Shard>>,
    hasher: RandomState,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Index {
    fn shard(&self, id: &Id) -> Option<&RwLock<Shard>> {
        let at = self.hasher.hash_one(id) % SHARDS as u64;
        self.shards.get(usize::try_from(at).unwrap_or(0))
    }

    fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
        shard.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
        shard.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a slot while its shard is held for reading.
    pub(crate) fn look<T>(&self, id: &Id, see: impl FnOnce(Option<&Slot>) -> T) -> T {
        match self.shard(id) {
            Some(shard) => see(Self::read(shard).get(id)),
            None => see(None),
        }
    }

    /// Puts a slot unless a newer one stands; keeps what was counted.
    pub(crate) fn put(&self, id: Id, slot: Slot) {
        let Some(shard) = self.shard(&id) else { return };
        let mut shard = Self::write(shard);
        if let Some(standing) = shard.get(&id) {
            if standing.version > slot.version {
                return;
            }
            let used_at = standing.used_at.load(Ordering::Relaxed);
            slot.used_at.store(used_at, Ordering::Relaxed);
            slot.uses
                .store(standing.uses.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        shard.insert(id, slot);
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|s| Self::read(s).len()).sum()
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
