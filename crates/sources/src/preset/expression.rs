//! What a field of the inventory is made from.
//!
//! Pure: what had to be asked for was asked before. Nothing found is `None`, never an
//! error.

use std::collections::BTreeMap;

use domain::inventory::End;
use domain::kernel::{Instant, Span};
use serde_json::Value;

use super::instant::{Form, SpanForm, Told};
use super::pointer::{Pointer, says, scalar};
use super::settings::SettingValue;
use super::step::{self, Step};
use super::template::{Env, Template};

/// What was looked up in this read: by look-up and key, the names that were kept.
pub(super) type Kept = BTreeMap<(String, String), BTreeMap<String, String>>;

/// An item with everything that its expressions may look at.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub env: Env<'a>,
    pub kept: &'a Kept,
}

/// What a value is made from.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub source: Source,
    pub then: Vec<Step>,
    pub default: Option<Value>,
}

#[derive(Clone, Debug)]
pub(super) enum Source {
    At(Pointer),
    FirstOf(Vec<Expression>),
    Const(Value),
    Template(Template),
    Lookup(LookupUse),
    Join(Box<Join>),
    /// A setting as it stands.
    Setting(String),
}

/// A value that another request knows.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookupUse {
    /// Which look-up.
    pub name: String,
    /// By which key.
    pub key: Box<Expression>,
    /// Which of the names it keeps.
    pub at: String,
}

/// A value that stands elsewhere in the same body (JSON:API's `included`).
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Join {
    r#in: Pointer,
    r#where: Pointer,
    equals: Pointer,
    at: Pointer,
}

/// An instant: what it is made from, and how it is written.
#[derive(Clone, Debug)]
pub(super) struct Timed {
    pub expression: Expression,
    pub form: Form,
}

/// An end: an instant, and what it means when there is none.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub timed: Timed,
    pub never: Vec<Value>,
    pub missing: Missing,
    pub plus: Option<Plus>,
    /// It follows from a rule of the operator's, not from the issuer.
    pub derived: bool,
    /// It moves with each use.
    pub moves: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Missing {
    Never,
    #[default]
    Unknown,
}

/// How long after the instant the end is.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Plus {
    Fixed(Template),
    At(PlusAt),
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlusAt {
    at: Pointer,
    #[serde(default, rename = "as")]
    form: SpanForm,
}

impl Expression {
    /// What it gives; an empty text is nothing.
    pub fn find(&self, view: &View<'_>) -> Option<Value> {
        let is_something = |value: &Value| value.as_str().is_none_or(|text| !text.is_empty());
        self.source
            .find(view)
            .filter(is_something)
            .and_then(|value| step::apply(&self.then, value))
            .filter(is_something)
            .or_else(|| self.default.clone())
    }

    /// A scalar as a text; of a list the first.
    pub fn text(&self, view: &View<'_>) -> Option<String> {
        match self.find(view)? {
            Value::Array(items) => items.first().and_then(scalar),
            value => scalar(&value),
        }
    }

    /// All scalars of a list; a scalar is a list of one.
    pub fn texts(&self, view: &View<'_>) -> Vec<String> {
        let mut texts = Vec::new();
        if let Some(value) = self.find(view) {
            gather(&value, &mut texts);
        }
        texts
    }

    /// Every expression inside, itself included.
    pub fn each(&self, visit: &mut dyn FnMut(&Self)) {
        visit(self);
        match &self.source {
            Source::FirstOf(all) => all.iter().for_each(|one| one.each(visit)),
            Source::Lookup(lookup) => lookup.key.each(visit),
            _ => {}
        }
    }

    /// The look-up it makes.
    pub fn lookup(&self) -> Option<&LookupUse> {
        match &self.source {
            Source::Lookup(lookup) => Some(lookup),
            _ => None,
        }
    }

    /// The setting it is.
    pub fn setting(&self) -> Option<&str> {
        match &self.source {
            Source::Setting(name) => Some(name),
            _ => None,
        }
    }

    /// What it is made from, as a person would call it.
    pub fn described(&self) -> &str {
        match &self.source {
            Source::At(pointer) => pointer.as_str(),
            Source::Lookup(lookup) => &lookup.at,
            Source::Setting(name) => name,
            _ => "a value",
        }
    }

    /// The template it is.
    pub fn template(&self) -> Option<&Template> {
        match &self.source {
            Source::Template(template) => Some(template),
            _ => None,
        }
    }

    /// The pointers whose values it shows as they are, or changed.
    pub fn pointers(&self) -> Vec<&Pointer> {
        match &self.source {
            Source::At(pointer) => vec![pointer],
            Source::Join(join) => vec![&join.at],
            Source::Template(template) => template.pointers().collect(),
            _ => Vec::new(),
        }
    }

    /// [`Expression::pointers`] of it and of everything inside, but nothing that opens a
    /// wrapping: what is wrapped may be a secret.
    pub fn all_pointers(&self) -> Vec<&Pointer> {
        let inner = match &self.source {
            Source::FirstOf(all) => all.iter().flat_map(Self::all_pointers).collect(),
            Source::Lookup(lookup) => lookup.key.all_pointers(),
            _ => Vec::new(),
        };
        let own = if self.opens_a_wrapping() {
            Vec::new()
        } else {
            self.pointers()
        };
        own.into_iter().chain(inner).collect()
    }

    /// What is done to it first looks inside what was wrapped.
    pub fn opens_a_wrapping(&self) -> bool {
        let opens = |step: &Step| {
            matches!(
                step,
                Step::Jwt | Step::Certificate | Step::Json | Step::Base64
            )
        };
        self.then.iter().any(opens)
    }
}

fn gather(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        other => into.extend(scalar(other).filter(|text| !text.is_empty())),
    }
}

impl Source {
    fn find(&self, view: &View<'_>) -> Option<Value> {
        match self {
            Self::At(pointer) => pointer.find(view.env.scope.as_ref()?),
            Self::FirstOf(all) => all.iter().find_map(|one| one.find(view)),
            Self::Const(value) => Some(value.clone()),
            Self::Template(template) => template.plain_text(&view.env).ok().map(Value::String),
            Self::Lookup(lookup) => {
                let key = lookup.key.text(view)?;
                let kept = view.kept.get(&(lookup.name.clone(), key))?;
                kept.get(&lookup.at).cloned().map(Value::String)
            }
            Self::Join(join) => join.find(view),
            Self::Setting(name) => setting(name, view),
        }
    }
}

/// A setting's value; of a list that is run for each of its values, the present one.
fn setting(name: &str, view: &View<'_>) -> Option<Value> {
    if let Some(chosen) = view.env.chosen.get(name) {
        return Some(Value::String(chosen.clone()));
    }
    match view.env.settings.get(name)? {
        SettingValue::Text(text) => Some(Value::String(text.clone())),
        SettingValue::List(texts) => Some(Value::Array(
            texts.iter().cloned().map(Value::String).collect(),
        )),
        SettingValue::Secret(_) => None,
    }
}

impl Join {
    fn find(&self, view: &View<'_>) -> Option<Value> {
        let scope = view.env.scope?;
        let wanted = scalar(&self.equals.find(&scope)?)?;
        let Value::Array(others) = self.r#in.find(&scope)? else {
            return None;
        };
        others.iter().find_map(|item| {
            let inside = super::pointer::Scope {
                item,
                around: &[],
                ..scope
            };
            let key = self.r#where.find(&inside)?;
            says(&key, &wanted).then(|| self.at.find(&inside)).flatten()
        })
    }
}

impl Timed {
    /// The instant; `None` when there is none, or when it cannot be read.
    pub fn instant(&self, view: &View<'_>) -> Option<Instant> {
        match self.form.read(&self.expression.find(view)?) {
            Some(Told::At(at)) => Some(at),
            Some(Told::Never) | None => None,
        }
    }
}

/// An end, and whether what stood there could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Told(End),
    /// Something stood there that is no instant.
    Rubbish,
}

impl Ending {
    /// The end of an item.
    pub fn end(&self, view: &View<'_>) -> Read {
        let nothing = match self.missing {
            Missing::Never => End::Never,
            Missing::Unknown => End::Unknown,
        };
        let Some(value) = self.timed.expression.find(view) else {
            return Read::Told(nothing);
        };
        if self.never.iter().any(|never| same(never, &value)) {
            return Read::Told(End::Never);
        }
        let Some(plus) = &self.plus else {
            return match self.timed.form.read(&value) {
                Some(Told::At(at)) => Read::Told(End::Known(at)),
                Some(Told::Never) => Read::Told(End::Never),
                None => Read::Rubbish,
            };
        };
        match (self.timed.form.read(&value), plus.span(view)) {
            (Some(Told::At(start)), Some(span)) => {
                let end = start.checked_add(span);
                Read::Told(end.map_or(End::Never, End::Known))
            }
            // It was made, and nobody says how long it lives.
            (Some(_), None) => Read::Told(nothing),
            (Some(Told::Never), _) => Read::Told(End::Never),
            (None, _) => Read::Rubbish,
        }
    }
}

/// Equal, also when one is a number and the other its digits.
fn same(a: &Value, b: &Value) -> bool {
    a == b || scalar(a).is_some_and(|a| says(b, &a))
}

impl Plus {
    fn span(&self, view: &View<'_>) -> Option<Span> {
        match self {
            Self::Fixed(template) => {
                let text = template.plain_text(&view.env).ok()?;
                Span::parse(&text).ok().filter(|span| span.is_positive())
            }
            Self::At(PlusAt { at, form }) => form.read(&at.find(view.env.scope.as_ref()?)?),
        }
    }
}

#[cfg(test)]
#[path = "expression_tests.rs"]
mod tests;
