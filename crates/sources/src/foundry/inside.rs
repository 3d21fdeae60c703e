//! What is inside a file, whose beginning was looked at before.

use std::fs::File;
use std::io::{self, Cursor, Read};

/// How much of a beginning is looked at.
const START: u64 = 4096;

/// The beginning of what can be read; all of it, if it is that short.
pub(super) fn beginning(input: impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    input.take(START).read_to_end(&mut start)?;
    Ok(start)
}

/// Reads what is inside a file. A compression that broke in the very beginning breaks
/// again after it: a decoder is not asked a second time.
pub(super) struct Inside<'a> {
    start: Cursor<Vec<u8>>,
    rest: Box<dyn Read + 'a>,
    broken: Option<io::Error>,
}

impl<'a> Inside<'a> {
    /// Looks at the beginning.
    ///
    /// # Errors
    /// Not even the first byte can be read.
    pub(super) fn of(file: &'a File) -> io::Result<Self> {
        let (mut rest, _) = foundry::decompress(file)?;
        let mut start = Vec::new();
        let broken = match rest.by_ref().take(START).read_to_end(&mut start) {
            Ok(_) => None,
            Err(error) if start.is_empty() => return Err(error),
            Err(error) => Some(error),
        };
        Ok(Self {
            start: Cursor::new(start),
            rest,
            broken,
        })
    }

    /// How it begins.
    pub(super) fn start(&self) -> &[u8] {
        self.start.get_ref()
    }

    /// Passes over what was read before; whether there was so much of it.
    ///
    /// # Errors
    /// It breaks before.
    pub(super) fn pass(&mut self, bytes: u64) -> io::Result<bool> {
        let passed = io::copy(&mut self.by_ref().take(bytes), &mut io::sink())?;
        Ok(passed == bytes)
    }
}

impl Read for Inside<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.start.read(buf)? {
            0 => match self.broken.take() {
                Some(error) => Err(error),
                None => self.rest.read(buf),
            },
            count => Ok(count),
        }
    }
}
