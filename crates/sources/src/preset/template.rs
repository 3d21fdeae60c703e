//! Texts with places in them: `"/groups/{parent.id}/tokens"`.

use std::collections::BTreeMap;

use domain::kernel::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::pointer::{Pointer, Scope, scalar};
use super::settings::{SettingValue, Settings};

/// What stays as it is in a path segment or a query value: the unreserved characters of
/// RFC 3986, section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same, and slashes.
const SLASHED: &AsciiSet = &ENCODED.remove(b'/');

/// Whether a value would lead out of its place in a path: `.` and `..` are taken away
/// when a URL is read, even if they are encoded.
fn climbs(piece: &str) -> bool {
    piece.split('/').any(|part| matches!(part, "." | ".."))
}

/// A text with places in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Template {
    parts: Vec<Part>,
    /// Which parts keep their slashes in a URL, by place.
    slashed: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Setting(String),
    Parent(String),
    /// The key of a look-up.
    Key,
    At(Pointer),
}

/// A text that is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TemplateError {
    /// A brace without its partner.
    #[error("a `{{` has no `}}`; a brace that is meant is written twice")]
    Open,
    /// Nothing of this name can stand there.
    #[error(
        "`{{{0}}}` stands for nothing; write {{setting.NAME}}, {{parent.NAME}}, {{key}} or a pointer such as {{/id}}"
    )]
    Unknown(String),
}

/// What the places of a template stand for.
#[derive(Clone, Copy)]
pub(super) struct Env<'a> {
    pub settings: &'a Settings,
    /// The present value of each setting of kind `list`.
    pub chosen: &'a BTreeMap<String, String>,
    /// What the parent lists kept.
    pub parent: &'a BTreeMap<String, String>,
    /// The key of a look-up.
    pub key: Option<&'a str>,
    /// The item, where there is one.
    pub scope: Option<Scope<'a>>,
}

/// Where the text will stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// As it is.
    Plain,
    /// In a URL: what places stand for is percent-encoded, except a setting at the very
    /// beginning, which is an address.
    Url,
    /// The same, but slashes stay.
    Link,
}

/// Why a template gives no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Missing {
    /// A place stands for nothing here.
    #[error("`{{{0}}}` is not there")]
    Place(String),
    /// A secret cannot be read, or it cannot stand here.
    #[error("{0}")]
    Secret(String),
}

/// Nothing was chosen, no parent kept anything.
static NOTHING: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Env<'a> {
    /// The settings and nothing else.
    pub fn of(settings: &'a Settings) -> Self {
        Self {
            settings,
            chosen: &NOTHING,
            parent: &NOTHING,
            key: None,
            scope: None,
        }
    }
}

impl TryFrom<String> for Template {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        let (mut parts, mut slashed) = (Vec::new(), Vec::new());
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some((brace, after)) = doubled(from) {
                plain.push(brace);
                rest = after;
                continue;
            }
            let (name, after) = from
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
                .ok_or(TemplateError::Open)?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            // RFC 6570, section 3.2.3, marks such a place in the same way.
            let name = name
                .strip_prefix('+')
                .inspect(|_| slashed.push(parts.len()))
                .unwrap_or(name);
            parts.push(part(name)?);
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts, slashed })
    }
}

/// A brace that is meant, and what follows it.
fn doubled(text: &str) -> Option<(char, &str)> {
    let brace = |twice, once| text.strip_prefix(twice).map(|after| (once, after));
    brace("{{", '{').or_else(|| brace("}}", '}'))
}

fn part(name: &str) -> Result<Part, TemplateError> {
    let unknown = || TemplateError::Unknown(name.to_owned());
    match name.split_once('.') {
        Some(("setting", setting)) => return Ok(Part::Setting(setting.to_owned())),
        Some(("parent", kept)) => return Ok(Part::Parent(kept.to_owned())),
        _ if name == "key" => return Ok(Part::Key),
        _ => {}
    }
    let starts = name.is_empty() || name.starts_with(['/', '^', '$', '#', '@']);
    let pointer = starts.then(|| Pointer::try_from(name.to_owned()).ok());
    pointer.flatten().map(Part::At).ok_or_else(unknown)
}

impl Template {
    /// The same after a fixed text.
    #[must_use]
    pub fn after(mut self, text: &str) -> Self {
        self.parts.insert(0, Part::Text(text.to_owned()));
        self.slashed.iter_mut().for_each(|at| *at += 1);
        self
    }

    /// An address: see [`Place::Url`].
    ///
    /// # Errors
    /// As [`Template::text`].
    pub fn url(&self, env: &Env<'_>) -> Result<String, Missing> {
        self.text(env, Place::Url)
    }

    /// An address for people: values keep their slashes.
    ///
    /// # Errors
    /// As [`Template::text`].
    pub fn link(&self, env: &Env<'_>) -> Result<String, Missing> {
        self.text(env, Place::Link)
    }

    /// A text as it is.
    ///
    /// # Errors
    /// As [`Template::text`].
    pub fn plain_text(&self, env: &Env<'_>) -> Result<String, Missing> {
        self.text(env, Place::Plain)
    }

    /// The settings it names.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Setting(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The names kept by parents that it uses.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Parent(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The pointers in it.
    pub fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.parts.iter().filter_map(|part| match part {
            Part::At(pointer) => Some(pointer),
            _ => None,
        })
    }

    /// The text, without secrets.
    ///
    /// # Errors
    /// A place stands for nothing, or for a secret.
    pub fn text(&self, env: &Env<'_>, place: Place) -> Result<String, Missing> {
        let mut text = String::new();
        for (at, part) in self.parts.iter().enumerate() {
            let leads = at == 0 && matches!(part, Part::Setting(_));
            let piece = match part.stands_for(env)? {
                Piece::Text(piece) => piece,
                Piece::Secret(_) => {
                    let sentence = "a secret must not stand in a URL, a label or a name";
                    return Err(Missing::Secret(sentence.to_owned()));
                }
            };
            match (place, part) {
                (_, Part::Text(_)) | (Place::Plain, _) => text.push_str(&piece),
                (_, _) if leads => text.push_str(piece.trim_end_matches('/')),
                (_, _) if climbs(&piece) => return Err(Missing::Place(part.name())),
                (Place::Url, _) if !self.slashed.contains(&at) => {
                    text.extend(utf8_percent_encode(&piece, ENCODED));
                }
                (_, _) => text.extend(utf8_percent_encode(&piece, SLASHED)),
            }
        }
        Ok(text)
    }

    /// The text, secrets included: for headers and bodies.
    ///
    /// # Errors
    /// A place stands for nothing, or a secret cannot be read.
    pub fn secret(&self, env: &Env<'_>) -> Result<Secret<String>, Missing> {
        let mut text = String::new();
        for part in &self.parts {
            match part.stands_for(env)? {
                Piece::Text(piece) => text.push_str(&piece),
                Piece::Secret(secret) => text.push_str(secret.expose()),
            }
        }
        Ok(Secret::new(text))
    }
}

enum Piece {
    Text(String),
    Secret(Secret<String>),
}

impl Part {
    fn stands_for(&self, env: &Env<'_>) -> Result<Piece, Missing> {
        let found = match self {
            Self::Text(text) => Some(text.clone()),
            Self::Parent(name) => env.parent.get(name).cloned(),
            Self::Key => env.key.map(str::to_owned),
            Self::At(pointer) => env
                .scope
                .and_then(|scope| pointer.find(&scope))
                .and_then(|value| scalar(&value))
                .filter(|text| !text.is_empty()),
            Self::Setting(name) => match env.settings.get(name) {
                Some(SettingValue::Secret(handle)) => {
                    return handle.read().map(Piece::Secret).map_err(Missing::Secret);
                }
                Some(SettingValue::List(_)) => env.chosen.get(name).cloned(),
                Some(SettingValue::Text(text)) => Some(text.clone()),
                None => None,
            },
        };
        found
            .map(Piece::Text)
            .ok_or_else(|| Missing::Place(self.name()))
    }

    fn name(&self) -> String {
        match self {
            Self::Text(_) => String::new(),
            Self::Setting(name) => format!("setting.{name}"),
            Self::Parent(name) => format!("parent.{name}"),
            Self::Key => "key".to_owned(),
            Self::At(pointer) => pointer.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::SecretHandle;
    use serde_json::json;

    fn template(text: &str) -> Template {
        Template::try_from(text.to_owned()).unwrap()
    }

    fn with<T>(run: impl FnOnce(&Env<'_>) -> T) -> T {
        let secret = SecretHandle::new(|| Ok(Secret::new("s3cret".to_owned())));
        let settings = Settings::from_iter([
            (
                "url",
                SettingValue::Text("https://x.example/base/".to_owned()),
            ),
            ("token", SettingValue::Secret(secret)),
            ("org", SettingValue::List(vec!["a".to_owned()])),
        ]);
        let chosen = BTreeMap::from([("org".to_owned(), "a/b?c".to_owned())]);
        let parent = BTreeMap::from([
            ("id".to_owned(), "a/7".to_owned()),
            ("evil".to_owned(), "..".to_owned()),
        ]);
        let (item, headers) = (
            json!({"login": "ada", "n": 7, "none": null}),
            BTreeMap::new(),
        );
        let scope = Scope::whole(&item, &headers);
        run(&Env {
            settings: &settings,
            chosen: &chosen,
            parent: &parent,
            key: None,
            scope: Some(scope),
        })
    }

    #[test]
    fn what_stands_in_a_url_is_encoded_but_the_address_at_its_beginning() {
        let text = with(|env| {
            template("{setting.url}/orgs/{setting.org}/{parent.id}").text(env, Place::Url)
        });
        assert_eq!(text.unwrap(), "https://x.example/base/orgs/a%2Fb%3Fc/a%2F7");
        let slashed = with(|env| template("/v1/{+parent.id}/keys").text(env, Place::Url));
        assert_eq!(slashed.unwrap(), "/v1/a/7/keys");
        let climbing = with(|env| template("/v1/{parent.evil}/keys").text(env, Place::Url));
        assert_eq!(climbing, Err(Missing::Place("parent.evil".to_owned())));
    }

    #[test]
    fn pointers_give_texts_and_numbers_and_a_missing_one_gives_nothing() {
        let text = |t: &str| with(|env| template(t).text(env, Place::Plain));
        assert_eq!(text("{/login}/{/n}").unwrap(), "ada/7");
        assert_eq!(
            text("{/login}/{/none}"),
            Err(Missing::Place("/none".to_owned()))
        );
        assert_eq!(text("a {{b}} c").unwrap(), "a {b} c");
    }

    #[test]
    fn a_secret_stands_in_headers_only() {
        let bearer = template("Bearer {setting.token}");
        assert!(with(|env| bearer.text(env, Place::Url)).is_err());
        let secret = with(|env| bearer.secret(env)).unwrap();
        assert_eq!(secret.expose(), "Bearer s3cret");
    }

    #[test]
    fn what_stands_for_nothing_is_refused_when_it_is_written() {
        for (text, says) in [
            ("{id}", "stands for nothing"),
            ("{settings.x}", "stands for nothing"),
            ("a{/id", "has no"),
            ("a}b", "has no"),
        ] {
            let error = Template::try_from(text.to_owned()).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
