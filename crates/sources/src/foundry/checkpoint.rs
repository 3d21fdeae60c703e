//! How far each file was read.
//!
//! A file is known by how it begins, not by its name: logs are renamed when they are
//! rotated, copied and truncated, and replaced under the same name.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How many bytes of a beginning are compared, at most.
const HEAD: u64 = 1024;
/// Files remembered; the longest unseen are forgotten first. Reading a forgotten file
/// again changes nothing in the inventory.
const FILES_MAX: usize = 10_000;

/// How far each file was read, oldest sighting first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    files: Vec<Position>,
}

/// How far one file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Length of the beginning that was digested; at most [`HEAD`] and `offset`.
    head_bytes: u64,
    /// SHA-256 of the beginning, in hex.
    head: String,
    /// Everything before this byte was read.
    pub(super) offset: u64,
}

impl Checkpoint {
    /// The position in this file, if its beginning is known and it is not shorter than
    /// what was read of it. A shorter one was truncated or replaced: it is read anew.
    pub(super) fn position(&self, file: &mut File) -> io::Result<Option<Position>> {
        let size = file.metadata()?.len();
        let mut digests: Vec<(u64, String)> = Vec::new();
        let mut best: Option<&Position> = None;
        for position in self
            .files
            .iter()
            .filter(|p| p.offset <= size && p.head_bytes > 0)
        {
            let known = digests
                .iter()
                .find(|(bytes, _)| *bytes == position.head_bytes)
                .map(|(_, d)| d.clone());
            let digest = match known {
                Some(digest) => digest,
                None => {
                    let digest = head(file, position.head_bytes)?;
                    digests.push((position.head_bytes, digest.clone()));
                    digest
                }
            };
            if digest == position.head && best.is_none_or(|b| b.offset < position.offset) {
                best = Some(position);
            }
        }
        Ok(best.cloned())
    }

    /// Remembers that the file was read up to `offset`, in place of what was known.
    pub(super) fn advance(
        &mut self,
        file: &mut File,
        known: Option<&Position>,
        offset: u64,
    ) -> io::Result<Position> {
        let head_bytes = offset.min(HEAD);
        let position = Position {
            head_bytes,
            head: head(file, head_bytes)?,
            offset,
        };
        if let Some(known) = known {
            self.files.retain(|p| p != known);
        }
        self.files.push(position.clone());
        if self.files.len() > FILES_MAX {
            self.files.remove(0);
        }
        Ok(position)
    }
}

fn head(file: &mut File, bytes: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut start = Vec::new();
    file.take(bytes).read_to_end(&mut start)?;
    Ok(Sha256::digest(&start)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect())
}
