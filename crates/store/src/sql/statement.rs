//! A statement with its values, and the rows that come back.

use std::borrow::Cow;

use app::ports::StoreError;
use domain::kernel::Instant;

/// A value bound to a place; its type is known even when it is null, because
/// PostgreSQL is told every type beforehand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bool(bool),
    /// A column of many rows; for PostgreSQL alone, as are the next two.
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Bools(Vec<bool>),
}

impl Value {
    /// The same place of many rows. They are of one type, for one text binds them.
    pub(crate) fn column<'a>(values: impl Iterator<Item = &'a Self> + Clone) -> Self {
        match values.clone().next() {
            Some(Self::Bool(_)) => Self::Bools(
                values
                    .map(|value| matches!(value, Self::Bool(true)))
                    .collect(),
            ),
            Some(Self::Text(_)) => Self::Texts(
                values
                    .map(|value| match value {
                        Self::Text(text) => text.clone(),
                        _ => None,
                    })
                    .collect(),
            ),
            _ => Self::Ints(
                values
                    .map(|value| match value {
                        Self::Int(number) => *number,
                        _ => None,
                    })
                    .collect(),
            ),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(Some(i64::from(number)))
    }
}

impl From<u64> for Value {
    /// Versions, fences and counts; they saturate long after the sun went out.
    fn from(number: u64) -> Self {
        Self::Int(Some(i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

impl From<Instant> for Value {
    fn from(at: Instant) -> Self {
        Self::Int(Some(at.as_micros()))
    }
}

impl From<Option<Instant>> for Value {
    fn from(at: Option<Instant>) -> Self {
        Self::Int(at.map(Instant::as_micros))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(storable(text)))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(storable))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        if text.contains('\0') {
            return Self::Text(Some(storable(&text)));
        }
        Self::Text(Some(text))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// PostgreSQL cannot hold U+0000 in a text. Documents spell it `\u0000`, so nothing is
/// lost there; columns that filters look at hold a stand-in, and so do filters.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// A list as one value, for `{list:n}`.
pub(crate) fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> Value {
    let items: Vec<String> = items.into_iter().map(storable).collect();
    Value::Text(Some(serde_json::json!(items).to_string()))
}

/// A statement in our dialect with the values of its places, `$1` first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stmt {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) values: Vec<Value>,
    /// Part of a walk through everything: what a connection keeps of it helps nobody.
    pub(crate) passing: bool,
}

impl Stmt {
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        Self {
            sql: sql.into(),
            values,
            passing: false,
        }
    }

    /// One of a walk through everything.
    pub(crate) fn passing(sql: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        Self {
            passing: true,
            ..Self::new(sql, values)
        }
    }
}

/// A value that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
}

/// A row that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Cell>);

impl Row {
    pub(crate) fn opt_int(&self, at: usize) -> Option<i64> {
        match self.0.get(at) {
            Some(Cell::Int(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn opt_instant(&self, at: usize) -> Option<Instant> {
        self.opt_int(at).map(Instant::from_micros)
    }

    pub(crate) fn opt_text(&self, at: usize) -> Option<&str> {
        match self.0.get(at) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The text at a place that is never null.
    pub(crate) fn text(&self, at: usize, table: &'static str) -> Result<&str, StoreError> {
        self.opt_text(at).ok_or_else(|| self.corrupt(table))
    }

    /// The number at a place that is never null.
    pub(crate) fn int(&self, at: usize, table: &'static str) -> Result<i64, StoreError> {
        self.opt_int(at).ok_or_else(|| self.corrupt(table))
    }

    /// The document at a place, read back. The row's id stands at place 0.
    pub(crate) fn doc<T: serde::de::DeserializeOwned>(
        &self,
        at: usize,
        table: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(self.text(at, table)?).map_err(|_| self.corrupt(table))
    }

    /// The text at a place, parsed; for ids and other words with rules.
    pub(crate) fn parsed<T, E>(
        &self,
        at: usize,
        table: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        parse(self.text(at, table)?).map_err(|_| self.corrupt(table))
    }

    /// This row cannot be read; it is named by what stands at place 0, never by its
    /// content.
    pub(crate) fn corrupt(&self, table: &'static str) -> StoreError {
        let row = match self.0.first() {
            Some(Cell::Text(id)) => id.clone(),
            Some(Cell::Int(id)) => id.to_string(),
            _ => "?".to_owned(),
        };
        StoreError::Corrupt { table, row }
    }
}
