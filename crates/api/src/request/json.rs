//! Reads a JSON body strictly: one reading everywhere, nothing ignored.
//!
//! Keys that occur twice, levels beyond 32 and text after the value cannot be read
//! (400); fields that do not exist and values of the wrong type cannot be accepted (422).

use std::fmt;

use axum::extract::{FromRequest, Request};
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::body::{read_limited, require_type};
use crate::problem::Problem;

/// The most bytes of a JSON or form body.
pub const BYTES_MAX: usize = 1024 * 1024;
/// The deepest nesting.
const LEVELS_MAX: usize = 32;
/// How much of a problem's words is said: they can repeat what the body holds.
const DETAIL_MAX: usize = 300;

/// A JSON body, read strictly; with it the bytes, for idempotency.
#[derive(Debug)]
pub struct Json<T> {
    /// What it says.
    pub value: T,
    /// The bytes it came as.
    pub bytes: bytes::Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        require_type(&parts.headers, &["application/json"])?;
        let bytes = read_limited(&parts.headers, body, BYTES_MAX).await?;
        let value = read(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// A JSON body that may be left out altogether, which takes every default.
#[derive(Debug)]
pub struct JsonOrNothing<T> {
    /// What it says.
    pub value: T,
    /// The bytes it came as.
    pub bytes: bytes::Bytes,
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for JsonOrNothing<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_limited(&parts.headers, body, BYTES_MAX).await?;
        if bytes.is_empty() {
            let value = T::default();
            return Ok(Self { value, bytes });
        }
        require_type(&parts.headers, &["application/json"])?;
        let value = read(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// For an optional field where `null` is a mistake, not an absence: an end of `null`
/// might be meant as "never".
///
/// # Errors
/// As the type itself reads.
pub fn stated<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Reads bytes as JSON of any form, with the same strictness.
///
/// # Errors
/// 400 for what cannot be read, or can be read in two ways.
pub fn read_value(bytes: &[u8]) -> Result<Value, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Strict { levels: LEVELS_MAX }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| Problem::bad_request(format!("the body is not readable JSON: {error}")))
}

/// Reads bytes as a value of this type.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value = read_value(bytes)?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().clone();
        let detail = error.into_inner().to_string();
        let shown = detail.chars().take(DETAIL_MAX).collect::<String>();
        Problem::field(&pointer(&path, &shown), shown)
    })
}

/// The path as a JSON pointer; for a field that does not exist, the field itself.
fn pointer(path: &serde_path_to_error::Path, detail: &str) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path.iter() {
        pointer.push('/');
        match segment {
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Map { key } => pointer.push_str(&escape(key)),
            Segment::Enum { variant } => pointer.push_str(&escape(variant)),
            Segment::Unknown => {}
        }
    }
    let unknown = detail
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split_once('`'));
    match unknown {
        Some((name, _)) if !pointer.ends_with(&format!("/{}", escape(name))) => {
            let parent = pointer.trim_end_matches('/');
            format!("{parent}/{}", escape(name))
        }
        _ => pointer,
    }
}

/// RFC 6901 §3.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Reads a value while watching depth and repeated keys.
#[derive(Clone, Copy)]
struct Strict {
    levels: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.levels.checked_sub(1) {
            Some(levels) => Ok(Self { levels }),
            None => Err(E::custom(format!("more than {LEVELS_MAX} levels"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                let shown: String = key.chars().take(64).collect();
                return Err(A::Error::custom(format!("the key `{shown}` occurs twice")));
            }
            map.insert(key, entries.next_value_seed(inner)?);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Kind;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Sample {
        name: String,
        #[serde(default, deserialize_with = "stated")]
        lifetime: Option<domain::kernel::Span>,
        #[serde(default)]
        scopes: Vec<String>,
    }

    fn kind(body: &str) -> Option<Kind> {
        read::<Sample>(body.as_bytes()).err().map(|p| p.kind())
    }

    /// B31, B32: what can be read in two ways, or not at all, is not read.
    #[test]
    fn ambiguous_or_endless_json_is_a_bad_request() {
        let deep = format!(
            "{{\"name\":{}{}}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        for body in [
            r#"{"name":"a","name":"b"}"#,
            r#"{"name":"a"} x"#,
            r#"{"name":1e400}"#,
            r#"{"name":"\ud800"}"#,
            r#"{"name":"a",}"#,
            "",
            "\u{feff}{}",
            &deep,
        ] {
            assert_eq!(kind(body), Some(Kind::BadRequest), "{:.40}", body);
        }
    }

    /// B23, B30: fields that do not exist, ends of `null` and words as spans.
    #[test]
    fn what_can_be_read_but_not_accepted_names_its_field() {
        for body in [
            r#"{"name":"a","owner_id":"x"}"#,
            r#"{"name":"a","lifetime":null}"#,
            r#"{"name":"a","lifetime":"1y"}"#,
            r#"{"name":"a","lifetime":0}"#,
            r#"{"name":3}"#,
            "{}",
            "[]",
        ] {
            assert_eq!(kind(body), Some(Kind::Invalid), "{body}");
        }
        let problem = read::<Sample>(br#"{"name":"a","hash":1}"#).unwrap_err();
        let shown = format!("{problem:?}");
        assert!(shown.contains("#/hash"), "{shown}");
        let long = format!("{{\"name\":\"a\",\"scopes\":\"{}\"}}", "x".repeat(100_000));
        let problem = read::<Sample>(long.as_bytes()).unwrap_err();
        assert!(format!("{problem:?}").len() < 2000, "answers stay short");
        let problem = read::<Sample>(br#"{"name":"a","scopes":["a",1]}"#).unwrap_err();
        assert!(format!("{problem:?}").contains("#/scopes/1"));
    }
}
