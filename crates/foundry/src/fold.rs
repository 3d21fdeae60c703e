//! All that many lines tell, as one row a token: the fold behind `forewarn check`.
//!
//! The merge is the inventory's own ([`Facts`]); here it only runs over symbols, so
//! that a token costs less than 200 bytes whatever the file.

use std::collections::BTreeSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash as _, Hasher as _};

use domain::inventory::{Creation, Facts, Party};
use domain::kernel::Instant;
use hashbrown::HashSet;

use crate::event::Telling;
use crate::interner::{Interner, Symbol};

/// What was told of each token.
#[derive(Debug, Default)]
pub struct Fold {
    /// Types whose creations count; `None`: all of them.
    types: Option<BTreeSet<String>>,
    ids: Interner,
    texts: Interner,
    /// One for each id, in order of `ids`; in chunks, so that growing copies nothing.
    facts: Vec<Vec<Facts<Symbol>>>,
    seen: HashSet<u64, BuildHasherDefault<DefaultHasher>>,
    duplicates: u64,
}

/// One token, with its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedToken {
    /// The issuer's id.
    pub id: String,
    /// The issuer's word for what it is.
    pub kind: Option<String>,
    /// The owner's id in Foundry.
    pub owner: Option<String>,
    /// The owner's name, where the log has it.
    pub owner_name: Option<String>,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// When it ends; `None`: no usable end was told.
    pub expires_at: Option<Instant>,
    /// Whether it was ended.
    pub revoked: bool,
}

const CHUNK: usize = 1024;

impl Fold {
    /// Counts creations of these types only, and those that name no type.
    pub fn of_types(types: Option<BTreeSet<String>>) -> Self {
        Self {
            types,
            ..Self::default()
        }
    }

    /// Takes in what one line told.
    pub fn line(&mut self, told: &[Telling]) {
        let new = told
            .iter()
            .map(|telling| self.is_new(telling))
            .fold(false, |any, new| any | new);
        self.duplicates += u64::from(!new);
        for telling in told {
            match telling {
                Telling::Made { id, rank, creation } if self.counts(creation) => {
                    let creation = self.intern(creation);
                    self.tell(id, Facts::of_creation(*rank, creation));
                }
                Telling::Made { .. } => {}
                Telling::Ended { id, at } => self.tell(id, Facts::of_revocation(*at)),
            }
        }
    }

    /// Lines that told only what another line had told already.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Every token of the chosen types that was made, in order of first mention.
    pub fn tokens(&self) -> impl Iterator<Item = FoldedToken> {
        let facts = self.facts.iter().flatten().enumerate();
        facts
            .filter(|(_, facts)| facts.is_created())
            .map(|(at, facts)| self.token(at, facts))
    }

    fn counts(&self, creation: &Creation<String>) -> bool {
        match (&self.types, &creation.kind) {
            (Some(types), Some(kind)) => types.contains(kind),
            _ => true,
        }
    }

    /// Whether nothing like it was told before, in whatever order lines come.
    fn is_new(&mut self, telling: &Telling) -> bool {
        let mut hash = DefaultHasher::new();
        match telling {
            Telling::Made { id, rank, creation } => (0_u8, id, rank, creation).hash(&mut hash),
            Telling::Ended { id, .. } => (1_u8, id).hash(&mut hash),
        }
        self.seen.insert(hash.finish())
    }

    fn tell(&mut self, id: &str, told: Facts<Symbol>) {
        let (symbol, new) = self.ids.keep(id);
        if new {
            self.add();
        }
        let (chunk, at) = (symbol.index() / CHUNK, symbol.index() % CHUNK);
        let texts = &self.texts;
        if let Some(facts) = self.facts.get_mut(chunk).and_then(|c| c.get_mut(at)) {
            facts.merge_by(told, &|a, b| texts.order(*a, *b));
        }
    }

    fn add(&mut self) {
        if self.facts.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.facts.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.facts.last_mut() {
            chunk.push(Facts::default());
        }
    }

    fn intern(&mut self, creation: &Creation<String>) -> Creation<Symbol> {
        Creation {
            kind: creation.kind.as_deref().map(|text| self.texts.keep(text).0),
            owner: creation.owner.as_ref().map(|party| self.party(party)),
            actor: creation.actor.as_ref().map(|party| self.party(party)),
            created_at: creation.created_at,
            expires_at: creation.expires_at,
        }
    }

    fn party(&mut self, party: &Party<String>) -> Party<Symbol> {
        Party {
            id: self.texts.keep(&party.id).0,
            name: party.name.as_deref().map(|name| self.texts.keep(name).0),
        }
    }

    fn token(&self, at: usize, facts: &Facts<Symbol>) -> FoldedToken {
        let text = |symbol: &Symbol| self.texts.text(*symbol);
        FoldedToken {
            id: self.ids.text_at(at),
            kind: facts.kind().map(text),
            owner: facts.owner().map(|party| text(&party.id)),
            owner_name: facts
                .owner()
                .and_then(|party| party.name.as_ref())
                .map(text),
            created_at: facts.created_at(),
            expires_at: facts.expires_at(),
            revoked: facts.is_revoked(),
        }
    }
}
