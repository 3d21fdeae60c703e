//! One line of NDJSON as the few fields that can matter.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The fields of a line that can matter, in either spelling.
pub(crate) const FIELDS: [&str; 13] = [
    "type",
    "time",
    "name",
    "result",
    "uid",
    "request_params",
    "requestParams",
    "request_fields",
    "requestFields",
    "result_fields",
    "resultFields",
    "categories",
    "users",
];

/// Whether the line is JSON at all.
pub(crate) fn is_json(line: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(line).is_ok()
}

/// The fields of a line that matter; `None` when it is no JSON object. Everything else
/// is only checked to be JSON, and so is a field that cannot be taken apart (half a
/// surrogate pair, a hundred levels): what [`is_json`] accepts is accepted here too.
pub(crate) fn fields(line: &str) -> Option<Map<String, Value>> {
    serde_json::from_str::<TopLevel>(line).ok().map(|top| top.0)
}

struct TopLevel(Map<String, Value>);

impl<'de> Deserialize<'de> for TopLevel {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Members).map(Self)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an audit event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(Key(key)) = members.next_key::<Key<'de>>()? {
            if !FIELDS.contains(&&*key) {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let raw = members.next_value::<&'de RawValue>()?;
            // The last of two counts, as in most readers of JSON.
            match serde_json::from_str(raw.get()) {
                Ok(value) => fields.insert(key.into_owned(), value),
                Err(_) => fields.remove(&*key),
            };
        }
        Ok(fields)
    }
}

/// A key, borrowed unless it holds escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
