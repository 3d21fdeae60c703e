//! How expressions and conditions are written: a pointer, or a table of known keys.

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::condition::{Condition, Now};
use super::expression::{Ending, Expression, Join, LookupUse, Missing, Plus, Source, Timed};
use super::instant::Form;
use super::pointer::Pointer;
use super::step::{Pattern, Step};
use super::template::Template;

/// Every key that such a table may have.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    at: Option<Pointer>,
    first_of: Option<Vec<Expression>>,
    r#const: Option<Value>,
    template: Option<Template>,
    lookup: Option<LookupUse>,
    join: Option<Join>,
    setting: Option<String>,
    then: Vec<Step>,
    default: Option<Value>,
    #[serde(rename = "as")]
    form: Option<Form>,
    never: Option<Vec<Value>>,
    missing: Option<Missing>,
    plus: Option<Plus>,
    derived: Option<bool>,
    moves: Option<bool>,
    is: Option<Vec<Value>>,
    is_not: Option<Vec<Value>>,
    exists: Option<bool>,
    before: Option<Now>,
    matches: Option<Pattern>,
}

impl Raw {
    fn at(pointer: Pointer) -> Self {
        Self {
            at: Some(pointer),
            ..Self::default()
        }
    }

    fn source(&mut self) -> Result<Source, String> {
        let sources = [
            self.at.take().map(Source::At),
            self.first_of.take().map(Source::FirstOf),
            self.r#const.take().map(Source::Const),
            self.template.take().map(Source::Template),
            self.lookup.take().map(Source::Lookup),
            self.join.take().map(Box::new).map(Source::Join),
            self.setting.take().map(Source::Setting),
        ];
        let mut sources = sources.into_iter().flatten();
        let (Some(source), None) = (sources.next(), sources.next()) else {
            let sentence = "needs exactly one of `at`, `first_of`, `const`, `template`, `lookup`, `join`, `setting`";
            return Err(sentence.to_owned());
        };
        Ok(source)
    }

    fn expression(&mut self) -> Result<Expression, String> {
        Ok(Expression {
            source: self.source()?,
            then: std::mem::take(&mut self.then),
            default: self.default.take(),
        })
    }

    fn plain(mut self) -> Result<Expression, String> {
        if self.form.is_some() {
            return Err("`as` belongs to instants".to_owned());
        }
        self.asks_nothing()?;
        self.no_ending()?;
        self.expression()
    }

    fn timed(mut self) -> Result<Timed, String> {
        self.asks_nothing()?;
        self.no_ending()?;
        let form = self.form.take().unwrap_or_default();
        let expression = self.expression()?;
        Ok(Timed { expression, form })
    }

    fn ending(mut self) -> Result<Ending, String> {
        Ok(Ending {
            never: self.never.take().unwrap_or_default(),
            missing: self.missing.take().unwrap_or_default(),
            plus: self.plus.take(),
            derived: self.derived.take().unwrap_or_default(),
            moves: self.moves.take().unwrap_or_default(),
            timed: self.timed()?,
        })
    }

    fn condition(mut self) -> Result<Condition, String> {
        self.no_ending()?;
        if self.asks_nothing().is_ok() {
            let sentence = "a condition needs `is`, `is_not`, `exists`, `before` or `matches`";
            return Err(sentence.to_owned());
        }
        Ok(Condition {
            is: self.is.take(),
            is_not: self.is_not.take(),
            exists: self.exists.take(),
            before: self.before.take(),
            matches: self.matches.take(),
            of: self.expression()?,
        })
    }

    fn no_ending(&self) -> Result<(), String> {
        let told = [
            ("never", self.never.is_some()),
            ("missing", self.missing.is_some()),
            ("plus", self.plus.is_some()),
            ("derived", self.derived.is_some()),
            ("moves", self.moves.is_some()),
        ];
        belongs(told, "`expires`")
    }

    fn asks_nothing(&self) -> Result<(), String> {
        let told = [
            ("is", self.is.is_some()),
            ("is_not", self.is_not.is_some()),
            ("exists", self.exists.is_some()),
            ("before", self.before.is_some()),
            ("matches", self.matches.is_some()),
        ];
        belongs(told, "conditions")
    }
}

fn belongs<const N: usize>(told: [(&str, bool); N], whom: &str) -> Result<(), String> {
    match told.into_iter().find(|(_, is_there)| *is_there) {
        Some((key, _)) => Err(format!("`{key}` belongs to {whom}")),
        None => Ok(()),
    }
}

/// A text is a pointer, a table is everything.
struct TextOrTable;

impl<'de> Visitor<'de> for TextOrTable {
    type Value = Raw;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a pointer such as \"/id\", or a table such as { at = \"/id\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Raw, E> {
        let pointer = Pointer::try_from(text.to_owned());
        pointer.map(Raw::at).map_err(E::custom)
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Raw, M::Error> {
        <Raw as Deserialize>::deserialize(de::value::MapAccessDeserializer::new(map))
    }
}

macro_rules! read_as {
    ($($type:ty => $how:ident),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any(TextOrTable)?.$how().map_err(de::Error::custom)
            }
        }
    )*};
}
read_as!(Expression => plain, Timed => timed, Ending => ending, Condition => condition);
