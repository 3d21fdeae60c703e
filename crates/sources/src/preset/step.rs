//! What is done to a value before it is believed.
//!
//! Pure. A step that does not fit gives nothing; it is never an error, for one odd item
//! must not spoil a list.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::pointer::{Pointer, Scope, scalar};
use crate::decode;

/// One change of a value.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Step {
    Base64,
    Json,
    Jwt,
    Certificate,
    Flatten,
    Keys,
    Lower,
    Trim,
    LastSegment,
    At(Pointer),
    Split(String),
    Capture(Pattern),
    Map(BTreeMap<String, Value>),
    Prefix(String),
    /// The steps; where they give nothing, the value as it was.
    Maybe(Vec<Step>),
}

/// A regular expression.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pattern(regex::Regex);

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let built = regex::RegexBuilder::new(&text).size_limit(1 << 20).build();
        built.map(Self).map_err(|error| {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default();
            format!("`{text}` is no regular expression: {last}")
        })
    }
}

impl Pattern {
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The first group, or the whole match where there is none.
    fn capture(&self, text: &str) -> Option<String> {
        let found = self.0.captures(text)?;
        found
            .get(1)
            .or_else(|| found.get(0))
            .map(|m| m.as_str().to_owned())
    }
}

/// Applies steps in order; stops at the first that gives nothing.
pub(super) fn apply(steps: &[Step], value: Value) -> Option<Value> {
    steps
        .iter()
        .try_fold(value, |value, step| step.apply(value))
}

impl Step {
    fn apply(&self, value: Value) -> Option<Value> {
        match self {
            Self::At(pointer) => at(pointer, &value),
            Self::Maybe(steps) => apply(steps, value.clone()).or(Some(value)),
            Self::Flatten => Some(flatten(&value)),
            Self::Keys => {
                let keys = value.as_object()?.keys().cloned();
                Some(Value::Array(keys.map(Value::String).collect()))
            }
            // Lists are changed element by element.
            _ => match value {
                Value::Array(items) => {
                    let changed = items.into_iter().filter_map(|item| self.apply(item));
                    Some(Value::Array(changed.collect()))
                }
                other => self.scalar(&other),
            },
        }
    }

    fn scalar(&self, value: &Value) -> Option<Value> {
        let text = scalar(value)?;
        let text_value = |text: String| Some(Value::String(text));
        match self {
            Self::Base64 => text_value(String::from_utf8(base64(&text)?).ok()?),
            Self::Json => serde_json::from_str(&text).ok(),
            Self::Jwt => decode::jwt_value(&text),
            Self::Certificate => decode::certificate_value(&text),
            Self::Lower => text_value(text.to_lowercase()),
            Self::Trim => text_value(text.trim().to_owned()),
            Self::LastSegment => text_value(text.rsplit('/').next()?.to_owned()),
            Self::Split(by) => Some(split(&text, by)),
            Self::Capture(pattern) => text_value(pattern.capture(&text)?),
            Self::Map(map) => Some(map.get(&text).cloned().unwrap_or_else(|| value.clone())),
            Self::Prefix(prefix) => text_value(format!("{prefix}{text}")),
            Self::At(_) | Self::Flatten | Self::Keys | Self::Maybe(_) => None,
        }
    }
}

fn at(pointer: &Pointer, value: &Value) -> Option<Value> {
    pointer.find(&Scope::whole(value, &BTreeMap::new()))
}

fn split(text: &str, by: &str) -> Value {
    let parts = text
        .split(by)
        .map(str::trim)
        .filter(|part| !part.is_empty());
    Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
}

/// Both alphabets, padded or not.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    use base64::alphabet::{STANDARD, URL_SAFE};
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let compact: String = text.split_ascii_whitespace().collect();
    let alphabet = if compact.contains(['-', '_']) {
        URL_SAFE
    } else {
        STANDARD
    };
    GeneralPurpose::new(&alphabet, config).decode(compact).ok()
}

/// `{"organization": {"members": "read"}}` is `organization/members:read`.
fn flatten(value: &Value) -> Value {
    let mut texts = Vec::new();
    if let Some(map) = value.as_object() {
        flatten_into(map, "", &mut texts);
    }
    Value::Array(texts.into_iter().map(Value::String).collect())
}

fn flatten_into(map: &Map<String, Value>, before: &str, texts: &mut Vec<String>) {
    for (key, value) in map {
        match value {
            Value::Object(inner) => flatten_into(inner, &format!("{before}{key}/"), texts),
            Value::Array(items) => {
                let items = items.iter().filter_map(scalar);
                texts.extend(items.map(|item| format!("{before}{key}:{item}")));
            }
            other => texts.extend(scalar(other).map(|text| format!("{before}{key}:{text}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(steps: &str, value: Value) -> Option<Value> {
        #[derive(Deserialize)]
        struct Then {
            then: Vec<Step>,
        }
        let then: Then = toml::from_str(&format!("then = {steps}")).unwrap();
        apply(&then.then, value)
    }

    #[test]
    fn scopes_are_split_flattened_and_mapped() {
        assert_eq!(
            run("[{ split = ' ' }]", json!("vso.a  vso.b ")),
            Some(json!(["vso.a", "vso.b"]))
        );
        let permissions = json!({"organization": {"members": "read"}, "repository": {}, "other": {"x": ["a", "b"]}});
        assert_eq!(
            run("['flatten']", permissions),
            Some(json!([
                "organization/members:read",
                "other/x:a",
                "other/x:b"
            ]))
        );
        assert_eq!(
            run(
                "[{ map = { 40 = 'Maintainer' } }, { prefix = 'access:' }]",
                json!([40, 10])
            ),
            Some(json!(["access:Maintainer", "access:10"]))
        );
    }

    #[test]
    fn what_is_wrapped_is_unwrapped() {
        assert_eq!(
            run("['base64', 'json', { at = '/a' }]", json!("eyJhIjoxfQ==")),
            Some(json!(1))
        );
        assert_eq!(
            run("['base64']", json!("_w")),
            None,
            "bytes that are no text"
        );
        assert_eq!(
            run("[{ capture = 'users/(.+)$' }]", json!("jf@1/users/ada")),
            Some(json!("ada"))
        );
        assert_eq!(run("['last_segment']", json!("a/b/c")), Some(json!("c")));
    }

    #[test]
    fn a_step_that_does_not_fit_gives_nothing() {
        for steps in [
            "['json']",
            "['base64', 'json']",
            "[{ capture = 'z(.)' }]",
            "['jwt']",
            "['certificate']",
        ] {
            assert_eq!(run(steps, json!("{not")), None, "{steps}");
            assert_eq!(run(steps, json!({"a": 1})), None, "{steps}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_refused_when_it_is_written() {
        assert!(toml::from_str::<BTreeMap<String, Vec<Step>>>("a = [{ capture = '(' }]").is_err());
        assert!(toml::from_str::<BTreeMap<String, Vec<Step>>>("a = ['lowr']").is_err());
    }
}
