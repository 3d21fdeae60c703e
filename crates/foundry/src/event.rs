//! What one audit line tells of tokens.
//!
//! The event *name* decides, the category only locates the token: `managementTokens`
//! alone may be a disabling or an enabling. Fields: palantir/witchcraft-api
//! `witchcraft-logging-api.yml` and witchcraft-go-logging `audit3log/categories.go`,
//! read 2026-11-22.

use std::borrow::Cow;

use domain::inventory::{Creation, Party, Rank};
use domain::kernel::{Instant, Span};
use serde_json::{Map, Value};

/// What one line tells of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Telling {
    /// It was made.
    Made {
        /// The token's own id, never that of the token that made it.
        id: String,
        /// `audit.3` is preferred, `audit.2` the fallback.
        rank: Rank,
        /// What is told of it.
        creation: Creation<String>,
    },
    /// It was ended.
    Ended {
        /// The token's own id.
        id: String,
        /// When the line says so; `None` without a usable time.
        at: Option<Instant>,
    },
}

/// What a line tells; empty when it changes nothing.
pub fn tellings(line: &Map<String, Value>) -> Vec<Telling> {
    if text(line, &["result"]) != Some("SUCCESS") {
        return Vec::new();
    }
    let event = Event {
        line,
        name: text(line, &["name"]).unwrap_or_default(),
    };
    match schema(line) {
        Some(Rank::Preferred) => event.audit3(),
        Some(Rank::Fallback) => event.audit2(),
        None => Vec::new(),
    }
}

/// Whether a line belongs to an audit log at all.
pub(crate) fn is_audit_line(line: &Map<String, Value>) -> bool {
    match text(line, &["type"]) {
        Some(schema) => schema.starts_with("audit."),
        None => line.contains_key("name") && line.contains_key("time"),
    }
}

/// `None` for a version that is not known. Where the export left the column out, fields
/// that only `audit.3` has decide.
fn schema(line: &Map<String, Value>) -> Option<Rank> {
    let newer = [
        "categories",
        "resultFields",
        "result_fields",
        "requestFields",
        "request_fields",
    ];
    match text(line, &["type"]) {
        Some("audit.3") => Some(Rank::Preferred),
        Some("audit.2") => Some(Rank::Fallback),
        Some(_) => None,
        None if newer.iter().any(|key| line.contains_key(*key)) => Some(Rank::Preferred),
        None => Some(Rank::Fallback),
    }
}

struct Event<'a> {
    line: &'a Map<String, Value>,
    name: &'a str,
}

impl Event<'_> {
    fn audit2(&self) -> Vec<Telling> {
        let Some(params) = nested(self.line, &["request_params", "requestParams"]) else {
            return Vec::new();
        };
        let Some(token) = token_of_params(&params) else {
            return Vec::new();
        };
        let Some(id) = token
            .get("tokenId")
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty())
        else {
            return Vec::new();
        };
        match self.name {
            "CREATE_TOKEN" => {
                let kind = text(token, &["tokenType"]).map(str::to_owned);
                let creation = self.creation(kind, None, None, token.get("tokenTtl"));
                vec![Telling::Made {
                    id: id.to_owned(),
                    rank: Rank::Fallback,
                    creation,
                }]
            }
            "REVOKE_TOKEN" => vec![Telling::Ended {
                id: id.to_owned(),
                at: self.time(),
            }],
            _ => Vec::new(),
        }
    }

    fn audit3(&self) -> Vec<Telling> {
        let (makes, ends) = (
            self.has_category("tokenGeneration"),
            self.has_category("tokenRevoke"),
        );
        let mut told = Vec::new();
        if self.name == "CREATE_TOKEN" || makes {
            for token in tokens(
                self.line,
                &["resultFields", "result_fields"],
                &["generatedTokens", "generated_tokens"],
            ) {
                told.extend(self.made(&token));
            }
        }
        if self.name == "REVOKE_TOKEN" || ends {
            let mut ended = tokens(
                self.line,
                &["resultFields", "result_fields"],
                &["revokedTokens", "revoked_tokens"],
            );
            if self.name == "REVOKE_TOKEN" && self.has_category("managementTokens") {
                ended.extend(tokens(
                    self.line,
                    &["requestFields", "request_fields"],
                    &["managedTokens", "managed_tokens"],
                ));
            }
            told.extend(ended.iter().flat_map(ids).map(|id| Telling::Ended {
                id,
                at: self.time(),
            }));
        }
        told
    }

    fn made(&self, token: &Map<String, Value>) -> Vec<Telling> {
        let kind = text(token, &["type", "tokenType"]).map(str::to_owned);
        let owner = text(token, &["userId", "user_id"]).map(|id| self.party(id));
        let end = text(token, &["expirationTime", "expiration_time"])
            .and_then(|t| Instant::parse(t).ok());
        let creation = self.creation(kind, owner, end, token.get("tokenTtl"));
        let made = |id| Telling::Made {
            id,
            rank: Rank::Preferred,
            creation: creation.clone(),
        };
        ids(token).into_iter().map(made).collect()
    }

    fn creation(
        &self,
        kind: Option<String>,
        owner: Option<Party<String>>,
        end: Option<Instant>,
        ttl: Option<&Value>,
    ) -> Creation<String> {
        let created_at = self.time();
        let by_ttl = || created_at?.checked_add(ttl.and_then(lifetime)?);
        Creation {
            kind,
            owner,
            actor: text(self.line, &["uid"]).map(|id| self.party(id)),
            created_at,
            expires_at: end.or_else(by_ttl),
        }
    }

    fn time(&self) -> Option<Instant> {
        text(self.line, &["time"]).and_then(|t| Instant::parse(t).ok())
    }

    /// A user with the name that the line's `users` give to that id.
    fn party(&self, id: &str) -> Party<String> {
        let users = nested(self.line, &["users"]);
        let users = users
            .as_deref()
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let user = users
            .iter()
            .filter_map(Value::as_object)
            .find(|u| text(u, &["uid"]) == Some(id));
        Party {
            id: id.to_owned(),
            name: user.and_then(user_name),
        }
    }

    fn has_category(&self, name: &str) -> bool {
        let categories = nested(self.line, &["categories"]);
        categories
            .as_deref()
            .and_then(Value::as_array)
            .is_some_and(|list| list.iter().any(|c| c.as_str() == Some(name)))
    }
}

fn user_name(user: &Map<String, Value>) -> Option<String> {
    let part = |key: &[&str]| text(user, key).filter(|part| !part.is_empty());
    if let Some(name) = part(&["userName", "user_name"]) {
        return Some(name.to_owned());
    }
    let full: Vec<&str> = [
        part(&["firstName", "first_name"]),
        part(&["lastName", "last_name"]),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!full.is_empty()).then(|| full.join(" "))
}

/// The text under the first of these keys that holds one.
fn text<'a>(fields: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| fields.get(*key)?.as_str())
}

/// The value under the first of these keys; where the export holds JSON as a string, what
/// that string says.
fn nested<'a>(fields: &'a Map<String, Value>, keys: &[&str]) -> Option<Cow<'a, Value>> {
    let value = keys
        .iter()
        .find_map(|key| fields.get(*key).filter(|v| !v.is_null()))?;
    match value {
        Value::String(json) => serde_json::from_str(json).ok().map(Cow::Owned),
        value => Some(Cow::Borrowed(value)),
    }
}

/// Where `audit.2` keeps the token: in the category that the name goes with.
fn token_of_params(params: &Value) -> Option<&Map<String, Value>> {
    let category = params.get("_category").and_then(Value::as_object);
    let named = ["tokenGeneration", "managementTokens"];
    let in_category = category.and_then(|c| named.iter().find_map(|key| c.get(*key)?.as_object()));
    in_category.or_else(|| params.as_object().filter(|p| p.contains_key("tokenId")))
}

/// The tokens in a list of `audit.3`, or a single one.
fn tokens(line: &Map<String, Value>, fields: &[&str], list: &[&str]) -> Vec<Map<String, Value>> {
    let Some(fields) = nested(line, fields) else {
        return Vec::new();
    };
    let Some(found) = fields.as_object().and_then(|f| nested(f, list)) else {
        return Vec::new();
    };
    match found.into_owned() {
        Value::Array(items) => items.into_iter().filter_map(object).collect(),
        single => object(single).into_iter().collect(),
    }
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// The ids of a token: a text, or conjure's union `Identifier`.
fn ids(token: &Map<String, Value>) -> Vec<String> {
    let found = match token.get("id") {
        Some(Value::String(id)) => vec![id.as_str()],
        Some(Value::Object(union)) => identifier(union),
        _ => Vec::new(),
    };
    found
        .into_iter()
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect()
}

fn identifier(union: &Map<String, Value>) -> Vec<&str> {
    match union.get("type").and_then(Value::as_str) {
        Some(kind @ ("rid" | "other")) => union.get(kind).and_then(plain).into_iter().collect(),
        Some(kind @ ("rids" | "others")) => {
            let list = union
                .get(kind)
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            list.iter().filter_map(plain).collect()
        }
        _ => Vec::new(),
    }
}

/// A text, or `{"value": …}`.
fn plain(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("value")?.as_str())
}

/// `tokenTtl` in seconds as a number or a text of digits; only what is longer than zero.
fn lifetime(ttl: &Value) -> Option<Span> {
    let micros = match ttl {
        Value::Number(n) => match n.as_i64() {
            Some(seconds) => seconds.checked_mul(1_000_000)?,
            None => float_micros(n.as_f64()?)?,
        },
        Value::String(digits)
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            digits.parse::<i64>().ok()?.checked_mul(1_000_000)?
        }
        _ => return None,
    };
    (micros > 0).then_some(Span::from_micros(micros))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before the cast"
)]
fn float_micros(seconds: f64) -> Option<i64> {
    let micros = seconds * 1e6;
    (micros.is_finite() && micros.abs() < 9e18).then_some(micros as i64)
}
