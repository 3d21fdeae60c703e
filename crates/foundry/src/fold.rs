//! All that many lines tell, as one row a token: the fold behind `forewarn check`.
//!
//! The merge is the inventory's own ([`Facts`]); here it only runs over symbols, so
//! that a token costs less than 200 bytes whatever the file.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZeroU32;

use domain::inventory::{Creation, Facts, Party, Rank};
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
    known: Vec<Vec<Known>>,
    /// Tellings that no token's own prints can hold: of types not chosen, and of a
    /// creation told in two ways.
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

/// What is known of one id.
#[derive(Debug, Default)]
struct Known {
    facts: Facts<Symbol>,
    /// Half a hash of the first creation told, by rank: enough to know a repetition.
    first: [Option<NonZeroU32>; 2],
}

/// One token as far as sorting and counting need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brief {
    /// For [`Fold::token`] and [`Fold::order`].
    pub number: u32,
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
        let mut any_new = false;
        for telling in told {
            any_new |= self.tell(telling);
        }
        self.duplicates += u64::from(!any_new);
    }

    /// Lines that told only what another line had told already.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Every token of the chosen types that was made, in order of first mention.
    pub fn tokens(&self) -> impl Iterator<Item = FoldedToken> {
        self.briefs().filter_map(|brief| self.token(brief.number))
    }

    /// The same in brief, without a copy of any text.
    pub fn briefs(&self) -> impl Iterator<Item = Brief> {
        let known = self.known.iter().flatten().zip(0_u32..);
        known
            .filter(|(known, _)| known.facts.is_created())
            .map(|(known, number)| Brief {
                number,
                expires_at: known.facts.expires_at(),
                revoked: known.facts.is_revoked(),
            })
    }

    /// Compares the ids of two tokens.
    pub fn order(&self, a: u32, b: u32) -> Ordering {
        self.ids.order(Symbol::at(a), Symbol::at(b))
    }

    /// The token of this number; `None` if there is none.
    pub fn token(&self, number: u32) -> Option<FoldedToken> {
        let at = number as usize;
        let facts = &self.known.get(at / CHUNK)?.get(at % CHUNK)?.facts;
        let text = |symbol: &Symbol| self.texts.text(*symbol);
        let owner = facts.owner();
        Some(FoldedToken {
            id: self.ids.text(Symbol::at(number)),
            kind: facts.kind().map(text),
            owner: owner.map(|party| text(&party.id)),
            owner_name: owner.and_then(|party| party.name.as_ref()).map(text),
            created_at: facts.created_at(),
            expires_at: facts.expires_at(),
            revoked: facts.is_revoked(),
        })
    }

    fn counts(&self, creation: &Creation<String>) -> bool {
        match (&self.types, &creation.kind) {
            (Some(types), Some(kind)) => types.contains(kind),
            _ => true,
        }
    }

    /// Takes in one telling; whether nothing like it was told before, in whatever
    /// order lines come.
    fn tell(&mut self, telling: &Telling) -> bool {
        match telling {
            Telling::Made { id, rank, creation } => {
                let print = print(id, *rank, creation);
                if !self.counts(creation) {
                    return self.seen.insert(print);
                }
                let told = Facts::of_creation(*rank, self.intern(creation));
                let first = self.merge(id, told, |known| known.is_first(*rank, print));
                first.unwrap_or_else(|| self.seen.insert(print))
            }
            Telling::Ended { id, at } => {
                let told = Facts::of_revocation(*at);
                self.merge(id, told, |known| !known.facts.is_revoked())
            }
        }
    }

    /// Merges `told` into what is known of `id`; what `look` saw just before.
    fn merge<T: Default>(
        &mut self,
        id: &str,
        told: Facts<Symbol>,
        look: impl FnOnce(&mut Known) -> T,
    ) -> T {
        let (symbol, new) = self.ids.keep(id);
        if new {
            self.add();
        }
        let (chunk, at) = (symbol.index() / CHUNK, symbol.index() % CHUNK);
        let texts = &self.texts;
        let Some(known) = self.known.get_mut(chunk).and_then(|c| c.get_mut(at)) else {
            return T::default();
        };
        let seen = look(known);
        known.facts.merge_by(told, &|a, b| texts.order(*a, *b));
        seen
    }

    fn add(&mut self) {
        if self.known.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.known.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.known.last_mut() {
            chunk.push(Known::default());
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
}

impl Known {
    /// Whether this creation is the first of its rank (yes) or the first once more
    /// (no); `None`: another one.
    fn is_first(&mut self, rank: Rank, print: u64) -> Option<bool> {
        let half = u32::try_from(print >> 32).ok().and_then(NonZeroU32::new);
        let half = half.unwrap_or(NonZeroU32::MIN);
        let [fallback, preferred] = &mut self.first;
        let first = match rank {
            Rank::Fallback => fallback,
            Rank::Preferred => preferred,
        };
        match first {
            Some(known) if *known == half => Some(false),
            Some(_) => None,
            None => {
                *first = Some(half);
                Some(true)
            }
        }
    }
}

fn print(id: &str, rank: Rank, creation: &Creation<String>) -> u64 {
    let mut hash = DefaultHasher::new();
    (id, rank, creation).hash(&mut hash);
    hash.finish()
}
