//! Keeps each text once, packed in chunks, and names it by a number.
//!
//! A text costs its length and about ten bytes; most of ours are UUIDs, which are
//! kept in 17 bytes instead of 36. A `HashMap<String, _>` would cost five times that.

use std::cmp::Ordering;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::num::NonZeroU32;

use hashbrown::HashTable;

use crate::uuid;

/// The number of a kept text; the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Symbol(NonZeroU32);

impl Symbol {
    /// The symbol that was kept as the `index`-th, counted from 0.
    pub(crate) fn at(index: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(index))
    }

    /// Its place in order of keeping; the first is 0.
    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

const CHUNK: usize = 1 << 16;
/// The first byte of a packed UUID; any other is the first of a length.
const UUID: u8 = 0xff;

/// Kept texts.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    chunks: Vec<Vec<u8>>,
    /// Chunk and offset of each text, 16 bits for the offset; in chunks themselves, so
    /// that growing copies nothing.
    places: Vec<Vec<u32>>,
    count: u32,
    table: HashTable<u32>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

const PLACES: usize = 4096;

impl Interner {
    /// The symbol of a text, kept from now on; and whether it is new. Texts beyond
    /// 60,000 bytes are cut there.
    pub(crate) fn keep(&mut self, text: &str) -> (Symbol, bool) {
        let packed = pack(text);
        let hash = self.hasher.hash_one(&packed);
        if let Some(found) = self.table.find(hash, |at| self.packed(*at) == packed) {
            return (Symbol::at(*found), false);
        }
        let at = self.count;
        self.store(&packed);
        let (chunks, places, hasher) = (&self.chunks, &self.places, &self.hasher);
        let rehash = |at: &u32| hasher.hash_one(read(chunks, places, *at));
        self.table.insert_unique(hash, at, rehash);
        (Symbol::at(at), true)
    }

    /// The text of a symbol.
    pub(crate) fn text(&self, symbol: Symbol) -> String {
        unpack(self.packed(symbol.0.get() - 1))
    }

    /// Compares what two symbols say.
    pub(crate) fn order(&self, a: Symbol, b: Symbol) -> Ordering {
        if a == b {
            Ordering::Equal
        } else {
            self.text(a).cmp(&self.text(b))
        }
    }

    fn packed(&self, at: u32) -> &[u8] {
        read(&self.chunks, &self.places, at)
    }

    fn store(&mut self, packed: &[u8]) {
        if self
            .chunks
            .last()
            .is_none_or(|c| c.len() + packed.len() > CHUNK)
        {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        if self
            .places
            .last()
            .is_none_or(|places| places.len() == PLACES)
        {
            self.places.push(Vec::with_capacity(PLACES));
        }
        let number = self.chunks.len().saturating_sub(1);
        if let (Some(chunk), Some(places)) = (self.chunks.last_mut(), self.places.last_mut()) {
            // 65,536 chunks of 64 KiB are 4 GiB of texts; beyond, places would repeat.
            let place = number << 16 | chunk.len();
            places.push(u32::try_from(place).unwrap_or(u32::MAX));
            chunk.extend_from_slice(packed);
            self.count = self.count.saturating_add(1);
        }
    }
}

/// A UUID as its mark and 16 bytes, any other text as two bytes of length and itself.
fn pack(text: &str) -> Vec<u8> {
    if let Some(uuid) = uuid::parse(text) {
        return [&[UUID][..], &uuid].concat();
    }
    let bytes = text.as_bytes();
    let bytes = bytes.get(..bytes.len().min(60_000)).unwrap_or_default();
    let length = u16::try_from(bytes.len()).unwrap_or_default();
    [&length.to_be_bytes()[..], bytes].concat()
}

fn unpack(packed: &[u8]) -> String {
    match packed {
        [UUID, uuid @ ..] => uuid::write(uuid),
        [_, _, text @ ..] => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}

fn read<'a>(chunks: &'a [Vec<u8>], places: &[Vec<u32>], at: u32) -> &'a [u8] {
    let found = || {
        let at = at as usize;
        let place = *places.get(at / PLACES)?.get(at % PLACES)? as usize;
        let rest = chunks.get(place >> 16)?.get(place & 0xffff..)?;
        let length = match rest {
            [UUID, ..] => 17,
            [high, low, ..] => 2 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => return None,
        };
        rest.get(..length)
    };
    found().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_kept_once_and_given_back_as_it_was() {
        let mut kept = Interner::default();
        let texts = [
            "",
            "a",
            "ri.multipass..token.1",
            "b9b8aadb-7292-441f-ae02-ca8333849799",
            "B9B8AADB-7292-441F-AE02-CA8333849799",
            "b9b8aadb-7292-441f-ae02-ca833384979",
        ];
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(
                (kept.keep(text).0.index(), kept.keep(text).1),
                (at, false),
                "{text}"
            );
            let again = kept.keep(text).0;
            assert_eq!(kept.text(again), *text);
        }
        let number = |text: &str, kept: &mut Interner| kept.keep(text).0;
        let (a, b) = (number("a", &mut kept), number("b", &mut kept));
        assert_eq!(kept.order(b, a), Ordering::Greater);
    }

    #[test]
    fn thousands_of_texts_cross_every_chunk() {
        let mut kept = Interner::default();
        let text = |n: u32| format!("token number {n} of many");
        for n in 0..20_000 {
            kept.keep(&text(n));
        }
        assert!((0..20_000).all(|n| kept.text(Symbol::at(n)) == text(n)));
    }
}
