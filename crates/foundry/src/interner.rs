//! Keeps each text once, as bytes in chunks, and names it by a number.
//!
//! A text costs its length, two bytes and about twelve more; a `HashMap<String, _>`
//! would cost four times that.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::num::NonZeroU32;

use hashbrown::HashTable;

/// The number of a kept text; the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Symbol(NonZeroU32);

const CHUNK: usize = 1 << 16;

/// Kept texts.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    chunks: Vec<Vec<u8>>,
    /// Chunk and offset of each text, 16 bits for the offset.
    places: Vec<u64>,
    table: HashTable<u32>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl Interner {
    /// The symbol of a text, kept from now on; and whether it is new. Texts beyond
    /// 65,533 bytes are cut there.
    pub(crate) fn keep(&mut self, text: &str) -> (Symbol, bool) {
        let bytes = text.as_bytes();
        let bytes = bytes.get(..bytes.len().min(CHUNK - 3)).unwrap_or_default();
        let hash = self.hasher.hash_one(bytes);
        let (chunks, places) = (&self.chunks, &self.places);
        if let Some(found) = self
            .table
            .find(hash, |at| read(chunks, places, *at) == bytes)
        {
            return (symbol(*found), false);
        }
        let at = u32::try_from(self.places.len()).unwrap_or(u32::MAX - 1);
        self.store(bytes);
        let (chunks, places, hasher) = (&self.chunks, &self.places, &self.hasher);
        self.table
            .insert_unique(hash, at, |at| hasher.hash_one(read(chunks, places, *at)));
        (symbol(at), true)
    }

    /// The text of a symbol.
    pub(crate) fn text(&self, symbol: Symbol) -> String {
        String::from_utf8_lossy(read(&self.chunks, &self.places, symbol.0.get() - 1)).into_owned()
    }

    /// The text kept as the `at`-th, counted from 0.
    pub(crate) fn text_at(&self, at: usize) -> String {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        String::from_utf8_lossy(read(&self.chunks, &self.places, at)).into_owned()
    }

    /// Compares what two symbols say.
    pub(crate) fn order(&self, a: Symbol, b: Symbol) -> std::cmp::Ordering {
        let bytes = |symbol: Symbol| read(&self.chunks, &self.places, symbol.0.get() - 1);
        bytes(a).cmp(bytes(b))
    }

    fn store(&mut self, bytes: &[u8]) {
        let fits = self
            .chunks
            .last()
            .is_some_and(|c| c.len() + bytes.len() + 2 <= CHUNK);
        if !fits {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let chunk_number = self.chunks.len().saturating_sub(1) as u64;
        let Some(chunk) = self.chunks.last_mut() else {
            return;
        };
        self.places.push(chunk_number << 16 | chunk.len() as u64);
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        chunk.extend_from_slice(&length.to_le_bytes());
        chunk.extend_from_slice(bytes);
    }
}

impl Symbol {
    /// Its place in order of keeping; the first is 0.
    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

fn symbol(at: u32) -> Symbol {
    Symbol(NonZeroU32::MIN.saturating_add(at))
}

fn read<'a>(chunks: &'a [Vec<u8>], places: &[u64], at: u32) -> &'a [u8] {
    let found = || {
        let place = *places.get(at as usize)?;
        let chunk = chunks.get(usize::try_from(place >> 16).ok()?)?;
        let from = usize::try_from(place & 0xffff).ok()?;
        let length = chunk.get(from..from + 2)?;
        let length = usize::from(u16::from_le_bytes([*length.first()?, *length.get(1)?]));
        chunk.get(from + 2..from + 2 + length)
    };
    found().unwrap_or_default()
}
