//! What the plan must know of a credential, and nothing more.
//!
//! Never holds the alert: what was done about the credential is the plan's other
//! argument.

use crate::inventory::{Credential, DaysOfUse, End, Refused};
use crate::kernel::{CredentialId, Instant, Span};
use crate::people::{Directory, Owner};

use super::Silenced;

/// So long after its owner left its own end counts again.
const LEFT: Span = Span::days(1);
/// Lives shorter than this are shown on surfaces only.
const SHORT_LIFE: Span = Span::days(1);

/// What the plan must know of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialView {
    /// Which one.
    pub id: CredentialId,
    /// The end that counts: the earlier of the credential's own and its owner's leaving.
    pub end: End,
    /// True when the owner's leaving is what ends it.
    pub ends_with_owner: bool,
    /// With `ends_with_owner`: its own end, where its issuer lets it live on whoever leaves.
    /// It counts again once the leaving is past.
    pub own_end: Option<End>,
    /// The end it was meant to have: neither its owner's leaving nor its own rotation
    /// makes a long life a short one.
    pub meant_end: End,
    /// When it was issued; `None` means not known, and then no step is scaled.
    pub created_at: Option<Instant>,
    /// The latest use known.
    pub last_used_at: Option<Instant>,
    /// Whether an absent `last_used_at` means "never used".
    pub use_is_known: bool,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// When it was found missing from two complete reads.
    pub gone_at: Option<Instant>,
    /// True while its owner is disabled.
    pub suspended: bool,
    /// True while nobody who can act owns it.
    pub orphaned: bool,
    /// True once its own rotation replaced it: it has no steps any more.
    pub rotated: bool,
    /// The overlap of that rotation, where it is known.
    pub overlap: Option<Overlap>,
    /// A newer credential that may take its place.
    pub successor: Option<Successor>,
    /// The first lead time, chosen by hand.
    pub lead_time: Option<Span>,
    /// When it was first seen.
    pub first_seen_at: Instant,
    /// Whether it came with the first import of its source.
    pub from_first_import: bool,
    /// Set while its issuer refuses it.
    pub refused: Option<Refused>,
    /// On which days it was used, where that is counted.
    pub days: Option<DaysOfUse>,
    /// When somebody asked to hear nothing of it.
    pub silences: Vec<Silenced>,
    /// Whether any way out reaches a person. While none does, a step that nobody heard
    /// is not repeated: that nobody can hear is an alert of its own.
    pub can_be_heard: bool,
}

/// What surrounds a credential and is not part of its own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextFacts {
    /// When the owning person leaves; ignored unless a person owns the credential.
    pub owner_leaves_at: Option<Instant>,
    /// The overlap of the rotation that replaced it, running or over.
    pub overlap: Option<Overlap>,
    /// See [`Successor::of`].
    pub successor: Option<Successor>,
    /// On which days it was used, where that is counted.
    pub days: Option<DaysOfUse>,
    /// See [`super::Silence::of`].
    pub silences: Vec<Silenced>,
    /// Whether any way out reaches a person.
    pub can_be_heard: bool,
}

/// The time in which an old token and its replacement both work, `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// When the replacement was issued.
    pub from: Instant,
    /// When the old one stops.
    pub until: Instant,
}

/// A newer credential that may take the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Successor {
    /// Which one.
    pub id: CredentialId,
    /// When it was issued.
    pub created_at: Instant,
}

impl Default for ContextFacts {
    fn default() -> Self {
        Self {
            owner_leaves_at: None,
            overlap: None,
            successor: None,
            days: None,
            silences: Vec::new(),
            can_be_heard: true,
        }
    }
}

impl Overlap {
    /// The instant from which use of the old token is worth a word.
    pub fn half(self) -> Instant {
        let length = self.from.until(self.until).as_micros();
        self.from + Span::from_micros(length / 2)
    }
}

impl Successor {
    /// `new` as the successor of `old`: same source, same owner, same *given* name, same
    /// scopes and roles, issued later, not ended itself.
    pub fn of(old: &Credential, new: &Credential) -> Option<Self> {
        let alike = old.id != new.id
            && old.source == new.source
            && old.parent == new.parent
            && old.owner == new.owner
            && old.issuer_owner.as_ref().map(|o| &o.id) == new.issuer_owner.as_ref().map(|o| &o.id)
            && (old.owner.is_some() || old.issuer_owner.is_some())
            && old.name_is_given
            && new.name_is_given
            && old.name == new.name
            && sorted(&old.scopes) == sorted(&new.scopes)
            && sorted(&old.roles) == sorted(&new.roles);
        let alive = new.revoked_at.is_none() && new.gone_at.is_none() && outlives(old, new);
        let created_at = new.created_at?;
        let later = old.created_at.is_some_and(|was| was < created_at);
        (alike && alive && later).then(|| Self {
            id: new.id.clone(),
            created_at,
        })
    }
}

fn outlives(old: &Credential, new: &Credential) -> bool {
    match (old.end, new.end) {
        (_, End::Never) => true,
        (End::Known(old), End::Known(new)) => old < new,
        _ => false,
    }
}

fn sorted(words: &[String]) -> Vec<&str> {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_unstable();
    words.dedup();
    words
}

impl CredentialView {
    /// With nothing around it but its owner's leaving.
    pub fn alone(credential: &Credential, directory: &Directory) -> Self {
        let facts = ContextFacts {
            owner_leaves_at: directory.leaving_of(credential.owner.as_ref()),
            ..ContextFacts::default()
        };
        Self::of(credential, &facts)
    }

    /// Takes what counts from the record and its surroundings.
    pub fn of(credential: &Credential, facts: &ContextFacts) -> Self {
        let leaves_at = match credential.owner {
            Some(Owner::Person(_)) => facts.owner_leaves_at,
            _ => None,
        };
        let (end, ends_with_owner) = earlier(credential.end, leaves_at);
        let lives_on = ends_with_owner && !credential.is_issued_here();
        Self {
            id: credential.id.clone(),
            end,
            ends_with_owner,
            own_end: lives_on.then_some(credential.end),
            meant_end: credential.meant_end(),
            created_at: credential.created_at,
            last_used_at: credential.last_used_at,
            use_is_known: credential.use_is_known,
            revoked_at: credential.revoked_at,
            gone_at: credential.gone_at,
            suspended: credential.suspended,
            orphaned: credential.orphaned,
            rotated: credential.in_overlap || facts.overlap.is_some(),
            overlap: facts.overlap,
            successor: facts.successor.clone(),
            lead_time: credential.lead_time,
            first_seen_at: credential.first_seen_at,
            from_first_import: credential.from_first_import,
            refused: credential.refused.clone(),
            days: facts.days,
            silences: facts.silences.clone(),
            can_be_heard: facts.can_be_heard,
        }
    }

    /// When its own end begins to count again, after its owner left.
    pub fn own_end_counts_at(&self) -> Option<Instant> {
        match (self.own_end, self.end) {
            (Some(_), End::Known(left)) => Some(left + LEFT),
            _ => None,
        }
    }

    /// Whether it was meant to live less than a day in all; then surfaces show it and
    /// nobody is told. Who was promised more counts on it, and is told.
    pub fn is_short_lived(&self, end: Instant) -> bool {
        let meant = match self.meant_end {
            End::Known(meant) => meant.max(end),
            End::Never => return false,
            End::Unknown => end,
        };
        self.created_at
            .is_some_and(|created| created < meant && created.until(meant) < SHORT_LIFE)
    }

    /// Whether the successor has taken over: this one's last use is known and at least a
    /// day older than the successor.
    pub fn is_succeeded(&self) -> bool {
        let Some(successor) = &self.successor else {
            return false;
        };
        match self.last_used_at {
            Some(used) => used.until(successor.created_at) >= Span::days(1),
            None => self.use_is_known,
        }
    }

    /// Until when somebody asked to hear nothing, if `now` lies in such a time.
    pub fn silenced_until(&self, now: Instant) -> Option<Instant> {
        let running = self
            .silences
            .iter()
            .filter(|s| s.from <= now && now < s.until);
        running.map(|s| s.until).max()
    }

    /// Whether it was used in the week before `end`, or later.
    pub fn is_still_used(&self, end: Instant) -> bool {
        self.last_used_at
            .is_some_and(|used| used.until(end) <= Span::days(7))
    }
}

fn earlier(end: End, leaves_at: Option<Instant>) -> (End, bool) {
    match (end, leaves_at) {
        (End::Known(end), Some(leaves)) if end <= leaves => (End::Known(end), false),
        (_, Some(leaves)) => (End::Known(leaves), true),
        (end, None) => (end, false),
    }
}
