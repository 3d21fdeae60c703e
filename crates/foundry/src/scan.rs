//! Reads a whole input: bytes in, what each line tells out.

use std::io::{self, BufRead as _, BufReader, Read};
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::event::{Telling, is_audit_line, tellings};
use crate::lines::{Ending, Line, each_line};
use crate::records::{Record, each_record, is_header};

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
pub fn scan(input: impl Read, tail: Tail, mut each: impl FnMut(&[Telling])) -> io::Result<Outcome> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let start = input.fill_buf()?;
    let is_csv = looks_like_csv(start);
    let mut tally = Tally {
        counts: Counts::default(),
    };
    let ending = if is_csv {
        each_record(input, |record| tally.record(record, &mut each))
    } else {
        each_line(input, tail == Tail::Read, |line| {
            tally.line(line, &mut each)
        })
    };
    let Ending { consumed, broken } = ending;
    Ok(Outcome {
        counts: tally.counts,
        consumed,
        broken,
    })
}

/// Whether bytes begin with the header of a CSV export rather than with JSON.
pub fn looks_like_csv(start: &[u8]) -> bool {
    let first = start.split(|b| *b == b'\n').next().unwrap_or_default();
    is_header(first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first))
}

struct Tally {
    counts: Counts,
}

impl Tally {
    fn line(&mut self, line: Line<'_>, each: &mut impl FnMut(&[Telling])) {
        self.counts.lines += 1;
        let readable = match line {
            Line::TooLong => None,
            Line::Whole(bytes) => std::str::from_utf8(bytes).ok(),
        };
        match readable {
            Some(text) if self.counts.any_audit_line && !may_tell(text.as_bytes()) => {
                self.pass(text)
            }
            Some(text) => self.parse(text, each),
            None => self.counts.unreadable += 1,
        }
    }

    /// A line that cannot tell of a token; it only has to be JSON.
    fn pass(&mut self, text: &str) {
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => self.counts.skipped += 1,
            Err(_) => self.counts.unreadable += 1,
        }
    }

    fn parse(&mut self, text: &str, each: &mut impl FnMut(&[Telling])) {
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(line)) => self.object(&line, each),
            Ok(_) => self.counts.skipped += 1,
            Err(_) => self.counts.unreadable += 1,
        }
    }

    fn object(&mut self, line: &Map<String, Value>, each: &mut impl FnMut(&[Telling])) {
        self.counts.any_audit_line |= is_audit_line(line);
        let told = tellings(line);
        if told.is_empty() {
            self.counts.skipped += 1;
        } else {
            self.counts.token_events += 1;
            each(&told);
        }
    }

    fn record(&mut self, record: Record<'_>, each: &mut impl FnMut(&[Telling])) {
        self.counts.lines += 1;
        let Record::Whole(header, cells) = record else {
            self.counts.unreadable += 1;
            return;
        };
        let mut line = Map::new();
        for (name, cell) in header.iter().zip(cells) {
            match std::str::from_utf8(cell) {
                // An empty cell is an absent field: the export cannot tell them apart.
                Ok("") => {}
                Ok(text) => drop(line.insert(name.clone(), Value::String(text.to_owned()))),
                Err(_) => {
                    self.counts.unreadable += 1;
                    return;
                }
            }
        }
        self.object(&line, each);
    }
}

/// Whether a line can tell of a token at all. Exact: a name or category spelled with
/// escapes holds a `\u`, and then the line is parsed whole.
fn may_tell(line: &[u8]) -> bool {
    static NEEDLES: LazyLock<[Finder<'static>; 5]> = LazyLock::new(|| {
        [
            r"\u",
            "E_TOKEN",
            "tokenGeneration",
            "tokenRevoke",
            "managementTokens",
        ]
        .map(Finder::new)
    });
    NEEDLES.iter().any(|needle| needle.find(line).is_some())
}
