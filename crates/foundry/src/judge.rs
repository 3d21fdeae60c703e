//! What is this line: telling, skipped or unreadable?

use memchr::memchr2;
use serde_json::{Map, Value};

use crate::event::{Telling, is_audit_line, tellings};
use crate::needles::Needles;
use crate::scan::Counts;
use crate::segment::LONGEST_LINE;
use crate::skim::{Seen, skim};
use crate::{object, sheet};

/// Counts lines and hands on what they tell.
pub(crate) struct Judge<F> {
    pub(crate) counts: Counts,
    /// The columns of a CSV; `None` for NDJSON.
    pub(crate) columns: Option<Vec<String>>,
    needles: Needles,
    each: F,
}

/// What a line holds.
enum Content {
    /// Fields that may tell something.
    Fields(Map<String, Value>),
    /// Nothing that could.
    Nothing,
    /// It cannot be read.
    Unreadable,
}

impl<F: FnMut(&[Telling])> Judge<F> {
    pub(crate) fn new(each: F) -> Self {
        Self {
            counts: Counts::default(),
            columns: None,
            needles: Needles::new(),
            each,
        }
    }

    pub(crate) fn unreadable(&mut self) {
        self.counts.lines += 1;
        self.counts.unreadable += 1;
    }

    /// Lines of NDJSON with their ends. Until the first that shows that this is an audit
    /// log each is taken apart; of the others only those that may tell something.
    pub(crate) fn lines(&mut self, mut data: &[u8]) {
        while !self.counts.any_audit_line && !data.is_empty() {
            let end = memchr2(b'\n', b'\r', data).unwrap_or(data.len());
            self.bounded(data.get(..end).unwrap_or_default());
            data = data.get(end + 1..).unwrap_or_default();
        }
        skim(data, |seen| match seen {
            Seen::Look(line) => self.bounded(line),
            Seen::Escaped(line) if self.needles.may_tell(line) => self.bounded(line),
            Seen::Escaped(_) | Seen::Nothing => self.skipped(),
        });
    }

    fn bounded(&mut self, line: &[u8]) {
        if line.len() > LONGEST_LINE {
            self.unreadable();
        } else {
            self.line(line);
        }
    }

    const fn skipped(&mut self) {
        self.counts.lines += 1;
        self.counts.skipped += 1;
    }

    /// Blank lines are no lines.
    pub(crate) fn line(&mut self, line: &[u8]) {
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let content =
            std::str::from_utf8(line).map_or(Content::Unreadable, |text| self.content(text));
        let fields = match content {
            Content::Unreadable => return self.unreadable(),
            Content::Nothing => Map::new(),
            Content::Fields(fields) => fields,
        };
        self.counts.lines += 1;
        self.counts.any_audit_line |= is_audit_line(&fields);
        let told = tellings(&fields);
        if told.is_empty() {
            self.counts.skipped += 1;
        } else {
            self.counts.token_events += 1;
            (self.each)(&told);
        }
    }

    /// A line is taken apart when it may tell of a token, and until the first line shows
    /// that this is an audit log; otherwise it only has to be JSON.
    fn content(&self, line: &str) -> Content {
        if let Some(columns) = &self.columns {
            return sheet::record(columns, line).map_or(Content::Unreadable, Content::Fields);
        }
        let look = !self.counts.any_audit_line || self.needles.may_tell(line.as_bytes());
        match look.then(|| object::fields(line)).flatten() {
            Some(fields) => Content::Fields(fields),
            None if object::is_json(line) => Content::Nothing,
            None => Content::Unreadable,
        }
    }
}
