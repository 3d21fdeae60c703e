//! From the text of a token to what it may do, without any database.

use std::hash::RandomState;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};

use domain::access::Roles;
use domain::inventory::Credential;
use domain::kernel::{CredentialId, Instant};
use domain::people::Directory;
use domain::token::{self, Token, TokenKind, TokenValue};

use crate::index::{Id, Index, Place, Slot, id_bytes, id_text};
use crate::keys::{Keys, Mac};
use crate::outcome::{Entry, Outcome};
use crate::profile::{Likeness, Profile, Profiles};
use crate::usage::Usage;

/// Verifies tokens from memory.
#[derive(Debug)]
pub struct Verifier {
    keys: Keys,
    pub(crate) index: Index,
    profiles: Profiles,
    pub(crate) usage: Usage,
    /// Stands addresses for, see [`Self::came_from`].
    pub(crate) addresses: RandomState,
    fresh_from: AtomicI64,
    fresh_until: AtomicI64,
}

/// What a look at the index brings back.
struct Seen {
    mac: Mac,
    version: u64,
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
            addresses: RandomState::new(),
            fresh_from: AtomicI64::new(i64::MIN),
            fresh_until: AtomicI64::new(i64::MAX),
        }
    }

    /// The keys, to see which versions are here.
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether `text` is what `expected` was made of; the same work whether it is or not,
    /// and whether there is anything to compare with or not. For secrets that are no
    /// tokens, kept apart from these by how they begin.
    pub fn proves(&self, text: &str, expected: Option<Mac>) -> bool {
        self.keys.proves(text, expected)
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
        match &token.ends_on_first_use {
            Some(other) => self.usage.will_end(id, other.clone()),
            None => self.usage.will_end_nothing(&id),
        }
        let profile = self.profiles.of(Likeness {
            owner: owner.clone(),
            roles: token.roles.clone(),
            scopes: token.scopes.words(),
            ingest_source: token.ingest_source.clone(),
        });
        self.index.put(Slot {
            id,
            mac: token.mac,
            profile,
            version: credential.version,
            ends_at: credential.expires_at().map_or(i64::MAX, Instant::as_micros),
            used_at: AtomicI64::new(i64::MIN),
            uses: AtomicU32::new(0),
            address: AtomicU64::new(0),
            key_version: token.key_version,
            kind: token.kind,
            revoked: credential.revoked_at.is_some() || credential.gone_at.is_some(),
            ends_other: AtomicBool::new(token.ends_on_first_use.is_some()),
        });
    }

    /// Takes all roles and people as they now stand; every token's grant follows at once.
    pub fn refresh(&self, roles: impl Into<Arc<Roles>>, directory: impl Into<Arc<Directory>>) {
        self.profiles.refresh(roles.into(), directory.into());
    }

    /// Verifies a presented text at `now` and counts the use. Never trims, never folds.
    pub fn verify(&self, text: &str, now: Instant) -> Outcome {
        self.verify_from(text, now, None)
    }

    /// The same of a text that came from this address, where that is known.
    pub fn verify_from(&self, text: &str, now: Instant, from: Option<IpAddr>) -> Outcome {
        let Some(id) = claimed(text) else {
            return Outcome::Unknown;
        };
        let place = self.index.find(&id);
        let outcome = self.prove(&id, place, text, now);
        if let Some(place) = place {
            self.count(&id, place, &outcome, now);
            if let (Outcome::Verified(_), Some(from)) = (&outcome, from) {
                self.note_address(id, place, from);
            }
        }
        outcome
    }

    /// Verifies a presented text at `now` without counting it as a use.
    pub fn inspect(&self, text: &str, now: Instant) -> Outcome {
        match claimed(text) {
            Some(id) => self.prove(&id, self.index.find(&id), text, now),
            None => Outcome::Unknown,
        }
    }

    fn prove(&self, id: &Id, place: Option<Place<'_>>, text: &str, now: Instant) -> Outcome {
        let seen = place.and_then(seen);
        if self.keys.proves(text, seen.as_ref().map(|s| s.mac)) {
            self.judge(id, seen, now)
        } else {
            Outcome::Unknown
        }
    }

    /// What the token of this id may do at `now`, without any proof and without counting:
    /// for sessions that an earlier proof opened.
    pub fn look_up(&self, id: &CredentialId, now: Instant) -> Outcome {
        match id_bytes(id.as_str()) {
            Some(id) => self.judge(&id, self.index.find(&id).and_then(seen), now),
            None => Outcome::Unknown,
        }
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
            version: seen.version,
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

    /// Says between which instants (inclusive) this view may be trusted, where other nodes
    /// write too; each poll says so anew. Before the first one it is trusted without limit.
    pub fn trust(&self, from: Instant, until: Instant) {
        // Seen one without the other, the span is shorter or a moment old.
        self.fresh_until.store(until.as_micros(), Ordering::Relaxed);
        self.fresh_from.store(from.as_micros(), Ordering::Relaxed);
    }

    /// Whether this view may be trusted at `now`.
    pub fn is_fresh(&self, now: Instant) -> bool {
        let now = now.as_micros();
        now <= self.fresh_until.load(Ordering::Relaxed)
            && now >= self.fresh_from.load(Ordering::Relaxed)
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

/// The id that a text claims to be of, where form and checksum are right.
fn claimed(text: &str) -> Option<Id> {
    token::parse(text)
        .ok()
        .and_then(|parsed| id_bytes(parsed.id))
}

fn seen(place: Place<'_>) -> Option<Seen> {
    place.look(|slot| {
        slot.map(|slot| Seen {
            mac: slot.mac(),
            version: slot.version,
            profile: Arc::clone(&slot.profile),
            kind: slot.kind,
            ends_at: slot.ends_at,
            revoked: slot.revoked,
        })
    })
}
