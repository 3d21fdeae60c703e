//! From the text of a token to what it may do, without any database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

use domain::access::Roles;
use domain::inventory::Credential;
use domain::kernel::{CredentialId, Instant};
use domain::people::Directory;
use domain::token::{self, Token, TokenKind, TokenValue};

use crate::index::{Id, Index, Slot, id_bytes, id_text};
use crate::keys::{Keys, Mac};
use crate::outcome::{Entry, Outcome};
use crate::profile::{Likeness, Profile, Profiles};
use crate::usage::{FirstUse, Usage, Use};

/// Verifies tokens from memory.
#[derive(Debug)]
pub struct Verifier {
    keys: Keys,
    index: Index,
    profiles: Profiles,
    usage: Usage,
    fresh_until: AtomicI64,
}

/// What a look at the index brings back.
struct Seen {
    mac: Mac,
    profile: Arc<Profile>,
    kind: TokenKind,
    ends_at: i64,
    revoked: bool,
}

impl Verifier {
    /// An empty index under these keys.
    pub fn new(keys: Keys) -> Self {
        Self {
            keys,
            index: Index::default(),
            profiles: Profiles::default(),
            usage: Usage::default(),
            fresh_until: AtomicI64::new(i64::MAX),
        }
    }

    /// The keys, to see which versions are here.
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// What is stored of a new value.
    pub fn mac(&self, value: &TokenValue) -> Mac {
        self.keys.mac(value)
    }

    /// Takes a token as it now stands; an older version than the one known is ignored.
    /// A token without owner acts for nobody and is not taken.
    pub fn put(&self, credential: &Credential, token: &Token) {
        let (Some(id), Some(owner)) = (id_bytes(token.id.as_str()), &credential.owner) else {
            return;
        };
        if let Some(other) = &token.ends_on_first_use {
            self.usage.will_end(id, other.clone());
        }
        let profile = self.profiles.of(Likeness {
            owner: owner.clone(),
            roles: token.roles.clone(),
            scopes: token.scopes.words(),
            ingest_source: token.ingest_source.clone(),
        });
        self.index.put(
            id,
            Slot {
                mac: token.mac,
                profile,
                version: credential.version,
                ends_at: credential.expires_at().map_or(i64::MAX, Instant::as_micros),
                used_at: AtomicI64::new(i64::MIN),
                uses: AtomicU32::new(0),
                key_version: token.key_version,
                kind: token.kind,
                revoked: credential.revoked_at.is_some() || credential.gone_at.is_some(),
                ends_other: AtomicBool::new(token.ends_on_first_use.is_some()),
            },
        );
    }

    /// Takes all roles and people as they now stand; every token's grant follows at once.
    pub fn refresh(&self, roles: Roles, directory: Directory) {
        self.profiles.refresh(roles, directory);
    }

    /// Verifies a presented text at `now` and counts the use. Never trims, never folds.
    pub fn verify(&self, text: &str, now: Instant) -> Outcome {
        let outcome = self.inspect(text, now);
        self.count(&outcome, now);
        outcome
    }

    /// Verifies a presented text at `now` without counting it as a use.
    pub fn inspect(&self, text: &str, now: Instant) -> Outcome {
        let id = token::parse(text)
            .ok()
            .and_then(|parsed| id_bytes(parsed.id));
        let Some(id) = id else {
            return Outcome::Unknown;
        };
        let seen = self.seen(&id);
        if self.keys.proves(text, seen.as_ref().map(|s| s.mac)) {
            self.judge(&id, seen, now)
        } else {
            Outcome::Unknown
        }
    }

    /// What the token of this id may do at `now`, without any proof and without counting:
    /// for sessions that an earlier proof opened.
    pub fn look_up(&self, id: &CredentialId, now: Instant) -> Outcome {
        match id_bytes(id.as_str()) {
            Some(id) => self.judge(&id, self.seen(&id), now),
            None => Outcome::Unknown,
        }
    }

    fn seen(&self, id: &Id) -> Option<Seen> {
        self.index.look(id, |slot| {
            slot.map(|slot| Seen {
                mac: slot.mac(),
                profile: Arc::clone(&slot.profile),
                kind: slot.kind,
                ends_at: slot.ends_at,
                revoked: slot.revoked,
            })
        })
    }

    fn judge(&self, id: &Id, seen: Option<Seen>, now: Instant) -> Outcome {
        let (Some(seen), Some(id)) = (seen, id_text(id)) else {
            return Outcome::Unknown;
        };
        let standing = seen.profile.standing.load();
        let leaves_at = standing
            .owner_leaves_at
            .map_or(i64::MAX, Instant::as_micros);
        let ends_at = seen.ends_at.min(leaves_at);
        let alike = &seen.profile.alike;
        let entry = Entry {
            id,
            kind: seen.kind,
            owner: alike.owner.clone(),
            grant: Arc::clone(&standing.grant),
            expires_at: (ends_at != i64::MAX).then(|| Instant::from_micros(ends_at)),
            ingest_source: alike.ingest_source.clone(),
        };
        match (
            seen.revoked,
            ends_at <= now.as_micros(),
            standing.owner_active,
        ) {
            (true, _, _) => Outcome::Revoked(entry),
            (_, true, _) => Outcome::Expired(entry),
            (_, _, false) => Outcome::Suspended(entry),
            _ => Outcome::Verified(entry),
        }
    }

    /// Use after the end is counted too: it raises an alert of its own.
    fn count(&self, outcome: &Outcome, now: Instant) {
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
        })
    }

    /// Counts again what could not be flushed.
    pub fn put_back_usage(&self, usage: Vec<Use>) {
        for used in usage {
            if let Some(id) = id_bytes(used.id.as_str()) {
                let uses = u32::try_from(used.uses).unwrap_or(u32::MAX);
                self.add_use(&id, used.last_used_at, uses);
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

    /// Says until when this view may be trusted, where other nodes write too. A single
    /// node never calls it and is always fresh.
    pub fn trust_until(&self, at: Instant) {
        self.fresh_until.store(at.as_micros(), Ordering::Relaxed);
    }

    /// Whether this view may be trusted at `now`.
    pub fn is_fresh(&self, now: Instant) -> bool {
        now.as_micros() <= self.fresh_until.load(Ordering::Relaxed)
    }

    /// How many tokens are known, dead ones included.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether no token is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
