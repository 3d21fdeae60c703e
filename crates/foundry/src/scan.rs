//! Reads a whole input: bytes in, what each line tells out. Memory is one line of the
//! longest kind and one block.

use std::io::{self, Read};

use memchr::memrchr2;

use crate::event::Telling;
use crate::judge::Judge;
use crate::segment::{LONGEST_LINE, Segment, first, line_end};
use crate::sheet;

/// What became of the lines. `lines = token_events + skipped + unreadable`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that are not blank; for CSV, records after the header.
    pub lines: u64,
    /// Lines that tell of a token.
    pub token_events: u64,
    /// Lines that can be read and tell of none.
    pub skipped: u64,
    /// Lines that cannot be read.
    pub unreadable: u64,
    /// Whether any line belongs to an audit log.
    pub any_audit_line: bool,
}

impl Counts {
    /// Adds what became of other lines.
    pub const fn add(&mut self, more: &Self) {
        self.lines += more.lines;
        self.token_events += more.token_events;
        self.skipped += more.skipped;
        self.unreadable += more.unreadable;
        self.any_audit_line |= more.any_audit_line;
    }
}

/// How an input ended.
#[derive(Debug)]
pub struct Outcome {
    /// What became of the lines.
    pub counts: Counts,
    /// Bytes (of what is inside a compression) up to and with the last line end that was
    /// read; where to go on in a file that grows.
    pub consumed: u64,
    /// What stopped the reading before the end: a compression that ends too early, a
    /// disk that fails. All complete lines before it were read.
    pub broken: Option<io::Error>,
}

/// What to do with what stands after the last line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// It is a line: the file is finished.
    Read,
    /// It is left for later: the file may grow.
    Leave,
}

/// Reads everything and calls `each` with what every telling line tells.
///
/// # Errors
/// Not even the first bytes can be read.
pub fn scan(input: impl Read, tail: Tail, each: impl FnMut(&[Telling])) -> io::Result<Outcome> {
    Pass::new(each).run(input, tail)
}

/// The same for what stands somewhere inside a log: there is neither mark nor header.
///
/// # Errors
/// Not even the first bytes can be read.
pub(crate) fn scan_inside(input: impl Read, each: impl FnMut(&[Telling])) -> io::Result<Outcome> {
    let mut pass = Pass::new(each);
    pass.begun = true;
    pass.run(input, Tail::Read)
}

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether bytes begin with the header of a CSV export rather than with JSON.
pub fn looks_like_csv(start: &[u8]) -> bool {
    columns(start.strip_prefix(MARK).unwrap_or(start)).is_some()
}

fn columns(start: &[u8]) -> Option<Vec<String>> {
    let line = start.get(..line_end(start).unwrap_or(start.len()))?;
    sheet::header(std::str::from_utf8(line).ok()?)
}

/// So much is read at once: what still lies in the processor's cache when it is looked at.
const READ: usize = 256 * 1024;
/// The room for one line of the longest kind and a block on top.
const ROOM: usize = LONGEST_LINE + READ;
/// So much is looked at to tell NDJSON from CSV.
const LOOKED_AT: usize = 64 * 1024;

struct Pass<F> {
    judge: Judge<F>,
    buffer: Vec<u8>,
    filled: usize,
    received: u64,
    /// The offset of the buffer's first byte.
    offset: u64,
    begun: bool,
    /// Where a line began that is too long and has not ended yet.
    overlong: Option<u64>,
}

impl<F: FnMut(&[Telling])> Pass<F> {
    fn new(each: F) -> Self {
        Self {
            judge: Judge::new(each),
            buffer: vec![0; ROOM],
            filled: 0,
            received: 0,
            offset: 0,
            begun: false,
            overlong: None,
        }
    }

    fn run(mut self, mut input: impl Read, tail: Tail) -> io::Result<Outcome> {
        let broken = loop {
            match self.fill(&mut input) {
                Ok(0) => break None,
                Ok(_) => self.digest(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if self.received == 0 => return Err(error),
                Err(error) => break Some(error),
            }
        };
        if broken.is_none() {
            self.digest(tail == Tail::Read);
        }
        Ok(Outcome {
            counts: self.judge.counts,
            consumed: self.overlong.unwrap_or(self.offset),
            broken,
        })
    }

    fn fill(&mut self, input: &mut impl Read) -> io::Result<usize> {
        let room = self.filled..ROOM.min(self.filled + READ);
        let count = input.read(self.buffer.get_mut(room).unwrap_or_default())?;
        self.filled += count;
        self.received += count as u64;
        Ok(count)
    }

    /// Uses every complete line in the buffer; `ended` makes the rest a line too.
    fn digest(&mut self, ended: bool) {
        let buffer = std::mem::take(&mut self.buffer);
        let data = buffer.get(..self.filled).unwrap_or_default();
        let used = self.consume(data, ended);
        self.offset += used as u64;
        self.buffer = buffer;
        self.buffer.copy_within(used..self.filled, 0);
        self.filled -= used;
    }

    /// How many bytes of `data` were used.
    fn consume(&mut self, data: &[u8], ended: bool) -> usize {
        let known = line_end(data).is_some() || data.len() > LOOKED_AT || ended;
        if !self.begun && !known {
            return 0;
        }
        let mut used = if self.begun { 0 } else { self.begin(data) };
        if self.overlong.is_some() {
            used = self.pass_over(data, ended);
        }
        if self.overlong.is_some() {
            used
        } else {
            self.lines(data, used, ended)
        }
    }

    /// Finds out what is read; how many bytes come before the first line.
    fn begin(&mut self, data: &[u8]) -> usize {
        self.begun = true;
        let text = data.strip_prefix(MARK).unwrap_or(data);
        let mark = data.len() - text.len();
        self.judge.columns = columns(text);
        match &self.judge.columns {
            Some(_) => mark + line_end(text).map_or(text.len(), |end| end + 1),
            None => mark,
        }
    }

    fn lines(&mut self, data: &[u8], mut used: usize, ended: bool) -> usize {
        let rest = data.get(used..).unwrap_or_default();
        if self.judge.columns.is_none()
            && let Some(last) = memrchr2(b'\n', b'\r', rest)
        {
            self.judge.lines(rest.get(..=last).unwrap_or_default());
            used += last + 1;
        }
        self.others(data, used, ended)
    }

    /// Records of a CSV; of NDJSON what has no line end.
    fn others(&mut self, data: &[u8], mut used: usize, ended: bool) -> usize {
        loop {
            let rest = data.get(used..).unwrap_or_default();
            match first(rest, self.judge.columns.is_some(), ended) {
                Segment::Whole(line, taken) => {
                    self.judge.line(line);
                    used += taken;
                }
                Segment::Broken(taken) => {
                    self.judge.unreadable();
                    used += taken;
                }
                Segment::Open if rest.len() > LONGEST_LINE => {
                    self.overlong = Some(self.offset + used as u64);
                    return data.len();
                }
                Segment::Open => return used,
            }
        }
    }

    /// Passes over a line that is too long; how many bytes of `data` belong to it.
    fn pass_over(&mut self, data: &[u8], ended: bool) -> usize {
        let end = line_end(data);
        if end.is_some() || ended {
            self.judge.unreadable();
            self.overlong = None;
        }
        end.map_or(data.len(), |end| end + 1)
    }
}
