//! What one pushed line tells, in the form of `docs/push.md` or in the system's own.

use std::collections::BTreeMap;

use domain::inventory::{End, IssuerOwner, Listed, Observation, PlaceOfUse};
use domain::kernel::{Instant, Name};
use serde::Deserialize;

use crate::ports::{Decoded, Decoder};

/// What a line tells: first in the system's own form, else as a credential.
pub(super) fn decode(
    line: &[u8],
    decoder: Option<&dyn Decoder>,
) -> Result<Vec<Observation>, String> {
    match decoder.map(|d| d.decode(line)) {
        Some(Decoded::Told(told)) => return Ok(told),
        Some(Decoded::Nothing) => return Ok(Vec::new()),
        Some(Decoded::NotMine) | None => {}
    }
    read_credential(line).map(|listed| vec![Observation::Listed(Box::new(listed))])
}

/// Reads a credential in our own form, the one of `docs/push.md`: an object of JSON.
/// Lists in files have the same form.
///
/// # Errors
/// A sentence that says what is wrong with it and repeats no value; of the name of an
/// unknown field at most 64 printable characters.
pub fn read_credential(line: &[u8]) -> Result<Listed, String> {
    let told: PushedCredential =
        serde_json::from_slice(line).map_err(|e| format!("not a credential: {}", place(&e)))?;
    told.listed()
}

/// So much of a field's name is repeated.
const NAME_CHARS_MAX: usize = 64;

/// serde's sentence without the values it quotes.
fn place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match error.classify() {
        serde_json::error::Category::Data if text.starts_with("unknown field") => {
            unknown_field(&text)
        }
        serde_json::error::Category::Data if text.starts_with("missing field") => text,
        serde_json::error::Category::Data => {
            format!(
                "a field has a value of the wrong kind at column {}",
                error.column()
            )
        }
        _ => format!("no JSON object at column {}", error.column()),
    }
}

/// serde's sentence with as much of the name as is fit to be shown; what it says after the
/// name is its own.
fn unknown_field(text: &str) -> String {
    let quoted = text.strip_prefix("unknown field `").unwrap_or_default();
    let told = quoted.rsplit_once("`, expected ");
    let (name, known) = told.unwrap_or((quoted, "no such field"));
    let printable = name.chars().filter(|c| !c.is_control());
    let mut shown: String = printable.take(NAME_CHARS_MAX).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    format!("unknown field `{shown}`, expected {known}")
}

/// One line of a push.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PushedCredential {
    external_id: String,
    #[serde(default = "token")]
    kind: String,
    parent: Option<String>,
    name: Option<String>,
    owner: Option<PushedOwner>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
    created_at: Option<Instant>,
    expires_at: Option<PushedEnd>,
    last_used_at: Option<Instant>,
    #[serde(default)]
    use_is_known: bool,
    revoked_at: Option<Instant>,
    #[serde(default)]
    suspended: bool,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    used_by: Vec<PlaceOfUse>,
    origin_url: Option<String>,
    #[serde(default)]
    advice: Vec<String>,
}

/// An instant, or the word `never`; absent means that nobody knows.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PushedEnd {
    At(Instant),
    Word(NeverWord),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NeverWord {
    Never,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PushedOwner {
    Word(String),
    Full {
        #[serde(default)]
        id: String,
        name: Option<String>,
        email: Option<String>,
    },
}

fn token() -> String {
    "token".to_owned()
}

impl PushedCredential {
    fn listed(self) -> Result<Listed, String> {
        if self.external_id.is_empty() {
            return Err("`external_id` is empty".to_owned());
        }
        let end = match self.expires_at {
            Some(PushedEnd::At(at)) => End::Known(at),
            Some(PushedEnd::Word(NeverWord::Never)) => End::Never,
            None => End::Unknown,
        };
        Ok(Listed {
            external_id: self.external_id,
            parent: self.parent,
            kind: self.kind,
            name: self.name.as_deref().and_then(Name::lossy),
            owner: self.owner.map(PushedOwner::into),
            scopes: self.scopes,
            roles: self.roles,
            created_at: self.created_at,
            end,
            use_is_known: self.use_is_known || self.last_used_at.is_some(),
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
            suspended: self.suspended,
            labels: ours_left_out(self.labels),
            used_by: self.used_by,
            origin_url: self.origin_url,
            advice: self.advice,
            own: false,
        })
    }
}

impl From<PushedOwner> for IssuerOwner {
    fn from(told: PushedOwner) -> Self {
        match told {
            PushedOwner::Word(id) => Self {
                id,
                name: None,
                email: None,
            },
            PushedOwner::Full { id, name, email } => Self { id, name, email },
        }
    }
}

/// What Forewarn says of itself is not for others to push.
fn ours_left_out(labels: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let theirs = |key: &String| !key.starts_with("forewarn.");
    labels.into_iter().filter(|(key, _)| theirs(key)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_unknown_field_at_most_64_printable_characters_are_repeated() {
        let said = |name: &str| {
            let line = serde_json::json!({ name: 1 }).to_string();
            read_credential(line.as_bytes()).unwrap_err()
        };
        for (length, whole) in [(63, true), (64, true), (65, false)] {
            let name = "x".repeat(length);
            assert_eq!(said(&name).contains(&format!("`{name}`")), whole);
        }
        let long = said(&"x".repeat(1_000_000));
        assert!(long.contains(&format!("unknown field `{}…`", "x".repeat(64))));
        assert!(long.len() < 1_000, "{long}");
        let odd = said("a\u{1b}[31m`, b");
        assert!(
            odd.contains("unknown field `a[31m`, b…`, expected one of"),
            "{odd}"
        );
    }
}
