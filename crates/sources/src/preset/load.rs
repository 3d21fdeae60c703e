//! Reads a preset, and says what is wrong with it: file, line, key, remedy.

use std::ops::Range;
use std::path::Path;

use serde_path_to_error::Segment;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::document::Document;
use super::{check, like};

/// What is wrong with a preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetError {
    /// The file, or the id of a preset that ships with Forewarn.
    pub file: String,
    /// The line, from 1; `None` if it is about the file as a whole.
    pub line: Option<usize>,
    /// The key, dotted: `lists[0].map.expires`.
    pub key: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl std::fmt::Display for PresetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        match self.key.as_str() {
            "" | "." => write!(f, ": {}", self.reason),
            key => write!(f, ": `{key}`: {}", self.reason),
        }
    }
}

impl std::error::Error for PresetError {}

/// A rule that a document breaks.
pub(super) struct Fault {
    /// The path to the key: `["lists", "0", "map"]`.
    pub path: Vec<String>,
    pub reason: String,
}

impl Fault {
    pub fn at<const N: usize>(path: [&str; N], reason: impl Into<String>) -> Self {
        Self {
            path: path.map(str::to_owned).to_vec(),
            reason: reason.into(),
        }
    }
}

/// Reads a preset from its text.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn parse(file: &str, text: &str) -> Result<Document, PresetError> {
    let wrong = |span: Option<Range<usize>>, key: String, reason: String| PresetError {
        file: file.to_owned(),
        line: span.map(|span| line(text, span.start)),
        key,
        reason,
    };
    let mut table: Table =
        toml::from_str(text).map_err(|e| wrong(e.span(), String::new(), sentence(e.message())))?;
    let spread = like::spread(&mut table);
    spread.map_err(|fault| {
        let span = span_of(text, &fault.path);
        wrong(span, dotted(&fault.path), fault.reason)
    })?;
    let document: Document =
        serde_path_to_error::deserialize(Value::Table(table)).map_err(|e| {
            let path: Vec<String> = e.path().iter().filter_map(segment).collect();
            let key = e.path().to_string();
            wrong(
                span_of(text, &path),
                key,
                sentence(e.into_inner().message()),
            )
        })?;
    match check::check(&document) {
        Ok(()) => Ok(document),
        Err(fault) => {
            let span = span_of(text, &fault.path);
            Err(wrong(span, dotted(&fault.path), fault.reason))
        }
    }
}

/// Reads a preset from a file of the operator's.
///
/// # Errors
/// It cannot be read, or is wrong.
pub(super) fn read(path: &Path) -> Result<Document, PresetError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| PresetError {
        file: file.clone(),
        line: None,
        key: String::new(),
        reason: format!("cannot be read: {error}"),
    })?;
    parse(&file, &text)
}

fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The first line of a message, which may draw the place below it.
fn sentence(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

fn segment(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    }
}

fn dotted(path: &[String]) -> String {
    let mut dotted = String::new();
    for part in path {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            dotted.push_str(&format!("[{part}]"));
        } else {
            if !dotted.is_empty() {
                dotted.push('.');
            }
            dotted.push_str(part);
        }
    }
    dotted
}

/// Where the deepest part of a path that exists stands in the text.
fn span_of(text: &str, path: &[String]) -> Option<Range<usize>> {
    let table = DeTable::parse(text).ok()?;
    let mut span = None;
    let mut here: Option<&DeValue<'_>> = None;
    for part in path {
        let next = match here {
            None => found(table.get_ref(), part),
            Some(DeValue::Table(inner)) => found(inner, part),
            Some(DeValue::Array(items)) => part
                .parse()
                .ok()
                .and_then(|at: usize| items.get(at))
                .map(|item| (item.span(), item.get_ref())),
            Some(_) => None,
        };
        let Some((place, value)) = next else { break };
        span = Some(place);
        here = Some(value);
    }
    span
}

fn found<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<(Range<usize>, &'a DeValue<'i>)> {
    let (spanned, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
    Some((spanned.span(), value.get_ref()))
}
