//! How far each file was read.
//!
//! A file is known by how what is inside it begins, not by its name: logs are renamed
//! when they are rotated, compressed, copied and truncated, and replaced under the same
//! name.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How many bytes of a beginning are compared, at most.
const HEAD: usize = 1024;
/// Files remembered; the longest unseen are forgotten first. Reading a forgotten file
/// again changes nothing in the inventory.
const FILES_MAX: usize = 10_000;

/// How far each file was read, oldest sighting first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    files: Vec<Position>,
    /// Files of which only the whole can be read, as they lay there.
    #[serde(default)]
    seen: Vec<Seen>,
}

/// How far one file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Of what is inside a compression.
    head: Head,
    /// Everything inside before this byte was read, and is not read again.
    pub(super) offset: u64,
    /// Lines behind `offset` that were counted all the same: they are read again when the
    /// file changes, and must not be counted again.
    #[serde(default)]
    pub(super) lines: u64,
    /// Of these, those that cannot be read.
    #[serde(default)]
    pub(super) unreadable: u64,
}

/// How something begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// Length of the beginning that was digested; at most [`HEAD`].
    bytes: usize,
    /// Its SHA-256, in hex.
    digest: String,
}

/// A file that is read whole, as it lay there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Of the file itself.
    head: Head,
    size: u64,
    /// Whether it ended inside its compression, or was damaged.
    pub(super) cut: bool,
}

impl Head {
    fn of(start: &[u8], bytes: usize) -> Self {
        let start = start.get(..bytes.min(HEAD)).unwrap_or(start);
        let digest = Sha256::digest(start);
        Self {
            bytes: start.len(),
            digest: digest.iter().map(|b| format!("{b:02x}")).collect(),
        }
    }
}

impl Seen {
    /// A whole file that begins like this.
    pub(super) fn of(start: &[u8], size: u64) -> Self {
        Self {
            head: Head::of(start, HEAD),
            size,
            cut: false,
        }
    }
}

impl Position {
    /// At the beginning of what begins like this.
    pub(super) fn start(start: &[u8]) -> Self {
        Self {
            head: Head::of(start, HEAD),
            offset: 0,
            lines: 0,
            unreadable: 0,
        }
    }

    /// Read up to `offset`, of what begins like this: no more of the beginning counts
    /// than was read.
    pub(super) fn at(start: &[u8], offset: u64) -> Self {
        let bytes = usize::try_from(offset).unwrap_or(HEAD);
        Self {
            head: Head::of(start, bytes),
            offset,
            ..Self::start(&[])
        }
    }
}

impl Checkpoint {
    /// The position in what begins like this, if that is known and `size` is not shorter
    /// than what was read of it. A shorter one was truncated or replaced: it is read anew.
    /// `None`: nobody knows how long it is.
    pub(super) fn position(&self, start: &[u8], size: Option<u64>) -> Option<Position> {
        let mut digests: Vec<Head> = Vec::new();
        let mut best: Option<&Position> = None;
        for position in &self.files {
            let bytes = position.head.bytes;
            let shorter = size.is_some_and(|size| size < position.offset);
            if bytes == 0 || bytes > start.len() || shorter {
                continue;
            }
            if !digests.iter().any(|head| head.bytes == bytes) {
                digests.push(Head::of(start, bytes));
            }
            let begins = digests.contains(&position.head);
            if begins && best.is_none_or(|b| b.offset < position.offset) {
                best = Some(position);
            }
        }
        best.cloned()
    }

    /// What is known of a file that was read whole, if it still lies there as it did.
    pub(super) fn saw(&self, file: &Seen) -> Option<&Seen> {
        let mut seen = self.seen.iter();
        seen.find(|seen| seen.size == file.size && seen.head == file.head)
    }

    /// Remembers a file as it lies there.
    pub(super) fn see(&mut self, file: Seen) {
        self.seen.push(file);
        if self.seen.len() > FILES_MAX {
            self.seen.remove(0);
        }
    }

    /// Remembers how far a file was read, in place of what was known.
    pub(super) fn advance(&mut self, known: Option<&Position>, position: Position) {
        if let Some(known) = known {
            self.files.retain(|p| p != known);
        }
        self.files.push(position);
        if self.files.len() > FILES_MAX {
            self.files.remove(0);
        }
    }
}
