//! Where does the next line, or record of a CSV, end?

use memchr::{memchr_iter, memchr2};

use crate::sheet;

/// The longest line that is read, in bytes without its line end; a longer one is
/// unreadable and skipped.
pub(crate) const LONGEST_LINE: usize = 1024 * 1024;

/// So many lines are joined at most when a quoted CSV field spans several.
const LONGEST_RECORD_LINES: usize = 256;

/// What stands at the front of the data.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Segment<'a> {
    /// A line or record, and how many bytes it takes together with its end.
    Whole(&'a [u8], usize),
    /// One that cannot be read, and how many bytes to pass over.
    Broken(usize),
    /// More bytes are needed.
    Open,
}

/// The first line of `data`, or its first record in a CSV. `ended` says
/// that what has no line end is a line too. `\n`, `\r` and both end a line: JSON holds
/// neither but between its tokens, where no writer of NDJSON puts them.
pub(crate) fn first<'a>(data: &'a [u8], is_csv: bool, ended: bool) -> Segment<'a> {
    match line(data, ended) {
        None => Segment::Open,
        Some((line, taken)) if line.len() > LONGEST_LINE => Segment::Broken(taken),
        Some((line, _)) if is_csv && odd_quotes(line) => joined(data, ended),
        Some((line, taken)) => Segment::Whole(line, taken),
    }
}

/// The place of the first line end.
pub(crate) fn line_end(data: &[u8]) -> Option<usize> {
    memchr2(b'\n', b'\r', data)
}

fn line(data: &[u8], ended: bool) -> Option<(&[u8], usize)> {
    match line_end(data) {
        Some(at) => Some((data.get(..at)?, at + 1)),
        None => (ended && !data.is_empty()).then_some((data, data.len())),
    }
}

fn odd_quotes(line: &[u8]) -> bool {
    memchr_iter(b'"', line).count() % 2 == 1
}

/// A record whose first line leaves a quote open. Lines are joined until the quotes
/// close where a field may end; where they never do, the first line alone is
/// broken and reading goes on with the second.
fn joined(data: &[u8], ended: bool) -> Segment<'_> {
    let (mut length, mut open, mut first_line) = (0, false, data.len());
    for number in 0..LONGEST_RECORD_LINES {
        let Some((next, taken)) = line(data.get(length..).unwrap_or_default(), ended) else {
            let more = !ended && data.len() <= LONGEST_LINE;
            return if more {
                Segment::Open
            } else {
                Segment::Broken(first_line)
            };
        };
        open ^= odd_quotes(next);
        let record = data.get(..length + next.len()).unwrap_or_default();
        length += taken;
        if number == 0 {
            first_line = taken;
        }
        if !open && is_record(record) {
            return Segment::Whole(record, length);
        }
        if !open || length > LONGEST_LINE {
            break;
        }
    }
    Segment::Broken(first_line)
}

/// Whether every quote that opens a field also closes it. Bytes that are no UTF-8 and a
/// wrong number of fields make a record unreadable, but it still is one record.
fn is_record(record: &[u8]) -> bool {
    sheet::fields(&String::from_utf8_lossy(record)).is_some()
}
