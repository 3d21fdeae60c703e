//! What is known of one credential when a log tells of it in pieces.
//!
//! An audit log repeats itself, arrives out of order and may tell of one credential
//! in two schemas. [`Facts`] therefore only ever *grows*: telling it something is a
//! join (commutative, associative, idempotent), so any order, repetition or split of
//! the same events ends in the same facts. It must never ask which event came first.
//!
//! Texts are generic: the server keeps `String`s, `forewarn check` keeps interned
//! symbols so that a token costs a hundred bytes and not five hundred.

use std::cmp::Ordering;
use std::num::NonZeroI64;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kernel::Instant;

/// How far a telling is believed where two schemas tell of one credential.
///
/// In Foundry `audit.3` is [`Rank::Preferred`] and its older copy `audit.2` is
/// [`Rank::Fallback`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Believed only for what no preferred telling says.
    Fallback,
    /// Believed first, field by field.
    Preferred,
}

/// A person or service account as the log names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Party<S> {
    /// The id in the system that wrote the log.
    pub id: S,
    /// The name the log gives to that id; `None` when it gives none.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub name: Option<S>,
}

/// What one event says when it tells that a credential was made. `None` is "does not
/// say, or nothing usable".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Creation<S> {
    /// The issuer's word for the kind of credential.
    pub kind: Option<S>,
    /// Whom the event names as the holder.
    pub owner: Option<Party<S>>,
    /// Who acted; the owner where none is named.
    pub actor: Option<Party<S>>,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// Its end, exclusive.
    pub expires_at: Option<Instant>,
}

impl<S> Default for Creation<S> {
    fn default() -> Self {
        Self {
            kind: None,
            owner: None,
            actor: None,
            created_at: None,
            expires_at: None,
        }
    }
}

/// Everything told so far of one credential. [`Facts::default`] is "nothing yet".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Facts<S> {
    #[serde(default)]
    preferred: Layer<S>,
    #[serde(default)]
    fallback: Layer<S>,
    #[serde(default)]
    created: bool,
    #[serde(default)]
    revoked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Moment>,
}

impl<S> Default for Facts<S> {
    fn default() -> Self {
        Self {
            preferred: Layer::default(),
            fallback: Layer::default(),
            created: false,
            revoked: false,
            revoked_at: None,
        }
    }
}

impl<S> Facts<S> {
    /// The facts of a single creation.
    pub fn of_creation(rank: Rank, creation: Creation<S>) -> Self {
        let mut facts = Self {
            created: true,
            ..Self::default()
        };
        *facts.layer_mut(rank) = Layer::from(creation);
        facts
    }

    /// The facts of a single revocation: a tombstone, also for a credential whose
    /// creation was never seen. `None`: the event has no usable time.
    pub fn of_revocation(at: Option<Instant>) -> Self {
        Self {
            revoked: true,
            revoked_at: at.map(Moment::new),
            ..Self::default()
        }
    }

    /// True once a creation was told. Without one a credential is not shown.
    pub fn is_created(&self) -> bool {
        self.created
    }

    /// True once a revocation was told; nothing takes it back.
    pub fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// When it was revoked, as far as is known; of several tellings the earliest.
    pub fn revoked_at(&self) -> Option<Instant> {
        self.revoked_at.map(Moment::get)
    }

    /// The issuer's word for the kind; `None` when nobody said.
    pub fn kind(&self) -> Option<&S> {
        self.preferred.kind.as_ref().or(self.fallback.kind.as_ref())
    }

    /// The owner: who is named as holder, else who acted, each first from the
    /// preferred layer.
    pub fn owner(&self) -> Option<&Party<S>> {
        self.preferred.holder().or_else(|| self.fallback.holder())
    }

    /// When it was made; of several creations in one layer the earliest.
    pub fn created_at(&self) -> Option<Instant> {
        self.preferred
            .created_at
            .or(self.fallback.created_at)
            .map(Moment::get)
    }

    /// Its end, exclusive; of several creations in one layer the latest. `None` means
    /// that nobody told a usable end, not that there is none.
    pub fn expires_at(&self) -> Option<Instant> {
        self.preferred
            .expires_at
            .or(self.fallback.expires_at)
            .map(Moment::get)
    }

    /// Adds what `other` holds. `order` compares two texts; it must be a total order
    /// of what the texts *say* (never of symbols' numbers), for it settles ties.
    pub fn merge_by(&mut self, other: Self, order: &impl Fn(&S, &S) -> Ordering) {
        self.preferred.merge(other.preferred, order);
        self.fallback.merge(other.fallback, order);
        self.created |= other.created;
        self.revoked |= other.revoked;
        keep_greater(&mut self.revoked_at, other.revoked_at, &|a, b| b.cmp(a));
    }

    fn layer_mut(&mut self, rank: Rank) -> &mut Layer<S> {
        match rank {
            Rank::Preferred => &mut self.preferred,
            Rank::Fallback => &mut self.fallback,
        }
    }
}

impl<S: Ord> Facts<S> {
    /// [`Facts::merge_by`] with the texts' own order.
    pub fn merge(&mut self, other: Self) {
        self.merge_by(other, &S::cmp);
    }
}

/// What one rank told.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Layer<S> {
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    kind: Option<S>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    owner: Option<Party<S>>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    actor: Option<Party<S>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Moment>,
}

/// `Option::default` without asking `S: Default`, as serde's own `default` does.
fn none<T>() -> Option<T> {
    None
}

impl<S> Default for Layer<S> {
    fn default() -> Self {
        Self::from(Creation::default())
    }
}

impl<S> From<Creation<S>> for Layer<S> {
    fn from(told: Creation<S>) -> Self {
        Self {
            kind: told.kind,
            owner: told.owner,
            actor: told.actor,
            created_at: told.created_at.map(Moment::new),
            expires_at: told.expires_at.map(Moment::new),
        }
    }
}

impl<S> Layer<S> {
    fn holder(&self) -> Option<&Party<S>> {
        self.owner.as_ref().or(self.actor.as_ref())
    }

    fn merge(&mut self, other: Self, order: &impl Fn(&S, &S) -> Ordering) {
        let by_party = |a: &Party<S>, b: &Party<S>| party_order(a, b, order);
        keep_greater(&mut self.kind, other.kind, order);
        keep_greater(&mut self.owner, other.owner, &by_party);
        keep_greater(&mut self.actor, other.actor, &by_party);
        keep_greater(&mut self.created_at, other.created_at, &|a, b| b.cmp(a));
        keep_greater(&mut self.expires_at, other.expires_at, &Moment::cmp);
    }
}

/// By id, then by name; a named party is more than the same one unnamed.
fn party_order<S>(a: &Party<S>, b: &Party<S>, order: &impl Fn(&S, &S) -> Ordering) -> Ordering {
    order(&a.id, &b.id).then_with(|| match (&a.name, &b.name) {
        (Some(a), Some(b)) => order(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    })
}

fn keep_greater<T>(kept: &mut Option<T>, told: Option<T>, order: &impl Fn(&T, &T) -> Ordering) {
    let better = match (&*kept, &told) {
        (Some(old), Some(new)) => order(old, new) == Ordering::Less,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    if better {
        *kept = told;
    }
}

/// An [`Instant`] with a niche, so that `Option<Moment>` takes eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Moment(NonZeroI64);

impl Moment {
    /// Instants never reach `i64::MIN` microseconds, so flipping the sign bit never
    /// gives zero.
    fn new(at: Instant) -> Self {
        Self(NonZeroI64::new(at.as_micros() ^ i64::MIN).unwrap_or(NonZeroI64::MIN))
    }

    fn get(self) -> Instant {
        Instant::from_micros(self.0.get() ^ i64::MIN)
    }

    fn cmp(&self, other: &Self) -> Ordering {
        self.get().cmp(&other.get())
    }
}

impl Serialize for Moment {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        self.get().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Instant::deserialize(from).map(Self::new)
    }
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
