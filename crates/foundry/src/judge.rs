//! What is this line: telling, skipped or unreadable?

use serde_json::{Map, Value};

use crate::event::{Telling, is_audit_line, tellings};
use crate::needles::Needles;
use crate::scan::Counts;
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
        let look = !self.counts.any_audit_line || self.needles.may_tell(line);
        match look.then(|| object::fields(line)).flatten() {
            Some(fields) => Content::Fields(fields),
            None if object::is_json(line) => Content::Nothing,
            None => Content::Unreadable,
        }
    }
}
