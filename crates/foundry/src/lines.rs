//! Cuts a stream into lines with a cap on their length.
//!
//! Both `\n` and `\r` end a line: inside JSON either must be escaped (RFC 8259 §7), so
//! files with any of the three customs are read. Memory is one block and one line.

use std::io::{self, Read};

/// The longest line that is read; a longer one is reported as unreadable and skipped.
pub(crate) const LINE_MAX: usize = 1024 * 1024;
const BLOCK: usize = 1024 * 1024;

/// One line, as it was found.
pub(crate) enum Line<'a> {
    /// Its bytes, without the end.
    Whole(&'a [u8]),
    /// Longer than [`LINE_MAX`].
    TooLong,
}

/// How a stream ended.
#[derive(Debug)]
pub(crate) struct Ending {
    /// Bytes up to and with the last line end.
    pub(crate) consumed: u64,
    /// What stopped the reading before the end, if anything did.
    pub(crate) broken: Option<io::Error>,
}

/// Calls `each` for every line that is not empty. What stands after the last line end is
/// a line too when `tail` says so, unless the stream broke off.
pub(crate) fn each_line(
    mut input: impl Read,
    tail: bool,
    mut each: impl FnMut(Line<'_>),
) -> Ending {
    let mut buffer = vec![0_u8; BLOCK];
    let mut cutter = Cutter {
        rest: Vec::new(),
        skipping: false,
        at_start: true,
    };
    let (mut read, mut consumed) = (0_u64, 0_u64);
    let broken = loop {
        let filled = match input.read(&mut buffer) {
            Ok(0) => break None,
            Ok(filled) => filled,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Some(error),
        };
        let block = buffer.get(..filled).unwrap_or_default();
        if let Some(last) = memchr::memrchr2(b'\n', b'\r', block) {
            consumed = read + last as u64 + 1;
        }
        read += filled as u64;
        cutter.block(block, &mut each);
    };
    if tail && broken.is_none() {
        cutter.end(&mut each);
        consumed = read;
    }
    Ending { consumed, broken }
}

/// Keeps what a block left unfinished.
struct Cutter {
    rest: Vec<u8>,
    skipping: bool,
    at_start: bool,
}

impl Cutter {
    fn block(&mut self, block: &[u8], each: &mut impl FnMut(Line<'_>)) {
        let mut from = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', block) {
            let piece = block.get(from..end).unwrap_or_default();
            from = end + 1;
            if self.rest.is_empty() && !self.skipping {
                self.emit(piece, each);
            } else {
                self.keep(piece);
                self.end(each);
            }
        }
        self.keep(block.get(from..).unwrap_or_default());
    }

    fn keep(&mut self, piece: &[u8]) {
        if self.skipping || self.rest.len() + piece.len() > LINE_MAX {
            self.skipping = true;
            self.rest = Vec::new();
        } else {
            self.rest.extend_from_slice(piece);
        }
    }

    fn end(&mut self, each: &mut impl FnMut(Line<'_>)) {
        if std::mem::take(&mut self.skipping) {
            self.at_start = false;
            each(Line::TooLong);
        }
        let rest = std::mem::take(&mut self.rest);
        self.emit(&rest, each);
    }

    fn emit(&mut self, line: &[u8], each: &mut impl FnMut(Line<'_>)) {
        let line = match std::mem::take(&mut self.at_start) {
            true => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
            false => line,
        };
        if line.len() > LINE_MAX {
            each(Line::TooLong);
        } else if !line.iter().all(u8::is_ascii_whitespace) {
            each(Line::Whole(line));
        }
    }
}
