//! Attributes of a document, by names that have no case (RFC 7643 §2.1), and paths to
//! them (RFC 7644 §3.10).

use serde_json::{Map, Value};

use super::filter::Filter;
use crate::problem::Problem;

/// The schemas whose attributes stand at the top of a document.
const CORE: [&str; 2] = [
    "urn:ietf:params:scim:schemas:core:2.0:user",
    "urn:ietf:params:scim:schemas:core:2.0:group",
];

/// The value of an attribute.
pub(super) fn get<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = document.as_object()?;
    let found = fields
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The text of an attribute; blank texts count as none.
pub(super) fn text<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    let text = get(document, name)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

/// A truth value. Entra writes it as a text.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The key under which an attribute stands already, else the name as given.
pub(super) fn key_of(fields: &Map<String, Value>, name: &str) -> String {
    let stands = fields.keys().find(|key| key.eq_ignore_ascii_case(name));
    stands.cloned().unwrap_or_else(|| name.to_owned())
}

/// Where a change goes: `userName`, `name.familyName`, `emails[type eq "work"].value`.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) attribute: String,
    /// Which of several values.
    pub(super) which: Option<Filter>,
    pub(super) sub: Option<String>,
}

impl Path {
    /// Reads a path; `None` for an attribute of an extension, of which nothing is kept.
    ///
    /// # Errors
    /// 400 `invalidPath`.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, Problem> {
        let text = text.trim();
        let (head, rest) = match text.find('[') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let Some(name) = within_core(head) else {
            return Ok(None);
        };
        if rest.is_empty() {
            let (attribute, sub) = parted(name);
            return Self::of(attribute, None, sub).map(Some);
        }
        let inner = rest.strip_prefix('[').unwrap_or(rest);
        let (condition, after) = inner.rsplit_once(']').ok_or_else(|| refuse(text))?;
        let sub = match after.strip_prefix('.') {
            Some(sub) => Some(sub),
            None if after.is_empty() => None,
            None => return Err(refuse(text)),
        };
        Self::of(name, Some(Filter::parse(condition)?), sub).map(Some)
    }

    fn of(attribute: &str, which: Option<Filter>, sub: Option<&str>) -> Result<Self, Problem> {
        let is_name = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"$-_".contains(&b))
        };
        if !is_name(attribute) || !sub.is_none_or(is_name) {
            return Err(refuse(attribute));
        }
        Ok(Self {
            attribute: attribute.to_owned(),
            which,
            sub: sub.map(str::to_owned),
        })
    }
}

/// The name without the schema in front of it; `None` for other schemas than the core.
pub(super) fn within_core(name: &str) -> Option<&str> {
    if !name
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
    {
        return Some(name);
    }
    let (schema, name) = name.rsplit_once(':')?;
    CORE.iter()
        .any(|core| schema.eq_ignore_ascii_case(core))
        .then_some(name)
}

/// Attribute and sub-attribute.
pub(super) fn parted(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        Some((attribute, sub)) => (attribute, Some(sub)),
        None => (name, None),
    }
}

fn refuse(text: &str) -> Problem {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(64).collect();
    Problem::bad_request(format!("`{shown}` is no path to an attribute")).scim("invalidPath")
}
