//! From the bytes of an answer or a file to a value that pointers can look at.

use serde_json::{Map, Value};

use super::document::{Format, List};
use super::pointer::{Pointer, Scope};
use super::step;

/// The most commas in one body.
const VALUES_MAX: usize = 4_000_000;

/// Why a body cannot be used. Never repeats any of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    /// It is of another form than it should be.
    #[error("it is {found}, not {wanted}; is the address right, does a sign-in page answer?")]
    Form {
        /// What it looks like.
        found: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// The steps of `decode` gave nothing.
    #[error("it cannot be decoded as the preset says")]
    Decode,
}

/// Reads a body as the list says.
///
/// # Errors
/// It is of another form.
pub(super) fn read(list: &List, bytes: &[u8]) -> Result<Value, BodyError> {
    // No answer of use has so many values; a packed one of nothing else would fill memory.
    if bytes.iter().filter(|byte| **byte == b',').count() > VALUES_MAX {
        return Err(BodyError::Decode);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| BodyError::Form {
        found: "no text",
        wanted: wanted(list.format),
    })?;
    let text = text.trim_start_matches('\u{feff}');
    if list.decode.is_empty() {
        return formed(list, text);
    }
    let whole = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) => Value::String(text.to_owned()),
    };
    let decoded = step::apply(&list.decode, whole).ok_or(BodyError::Decode)?;
    match decoded {
        Value::String(text) => formed(list, &text),
        other => Ok(other),
    }
}

fn wanted(format: Format) -> &'static str {
    match format {
        Format::Json | Format::Rows => "JSON",
        Format::Csv => "CSV",
        Format::Ndjson => "lines of JSON",
        Format::Text => "text",
    }
}

fn formed(list: &List, text: &str) -> Result<Value, BodyError> {
    let wrong = || BodyError::Form {
        found: looks_like(text),
        wanted: wanted(list.format),
    };
    match list.format {
        Format::Text => Ok(Value::String(text.to_owned())),
        Format::Json if text.trim().is_empty() => Ok(Value::Null),
        Format::Json => serde_json::from_str(text).map_err(|_| wrong()),
        Format::Ndjson => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let items: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
            items.map(Value::Array).map_err(|_| wrong())
        }
        Format::Csv if looks_like(text) == "a web page" => Err(wrong()),
        Format::Csv => csv(text).ok_or_else(wrong),
        Format::Rows => {
            let body: Value = serde_json::from_str(text).map_err(|_| wrong())?;
            Ok(rows(list, &body).unwrap_or(body))
        }
    }
}

fn looks_like(text: &str) -> &'static str {
    let start = text.trim_start();
    if start.is_empty() {
        "empty"
    } else if start.starts_with('<') {
        "a web page"
    } else {
        "something else"
    }
}

/// The first row names the columns.
fn csv(text: &str) -> Option<Value> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let names = reader.headers().ok()?.clone();
    let mut items = Vec::new();
    for record in reader.records() {
        let record = record.ok()?;
        let cells = names.iter().zip(record.iter());
        let object = cells.map(|(name, cell)| (name.to_owned(), Value::String(cell.to_owned())));
        items.push(Value::Object(object.collect()));
    }
    Some(Value::Array(items))
}

/// Arrays of cells, with the names of their columns elsewhere, as a list of objects.
fn rows(list: &List, body: &Value) -> Option<Value> {
    let none = std::collections::BTreeMap::new();
    let scope = Scope::whole(body, &none);
    let find = |pointer: &Option<Pointer>| pointer.as_ref()?.find(&scope);
    let names = find(&list.columns)?;
    let rows = find(&list.rows)?;
    let names: Vec<&str> = names.as_array()?.iter().filter_map(Value::as_str).collect();
    let object = |row: &Value| -> Option<Value> {
        let cells = names.iter().zip(row.as_array()?);
        let map: Map<String, Value> = cells
            .map(|(name, cell)| ((*name).to_owned(), cell.clone()))
            .collect();
        Some(Value::Object(map))
    };
    Some(Value::Array(
        rows.as_array()?.iter().filter_map(object).collect(),
    ))
}
