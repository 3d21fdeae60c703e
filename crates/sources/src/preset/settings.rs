//! The keys that a preset adds to its source's table.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::keys::{KeyError, Keys, SecretHandle};
use crate::system::Key;
pub(super) use crate::system::KeyKind as Kind;

/// A setting as the preset declares it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Declared {
    #[serde(default)]
    pub kind: Kind,
    /// What it is, for people.
    pub says: String,
    pub default: Option<toml::Value>,
    #[serde(default)]
    pub optional: bool,
}

/// The value of a setting.
#[derive(Clone, Debug)]
pub(super) enum SettingValue {
    /// A text, a number or a flag, as a text.
    Text(String),
    /// Read at each use.
    Secret(SecretHandle),
    /// One request for each.
    List(Vec<String>),
}

/// The settings of one source, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings(BTreeMap<String, SettingValue>);

impl Settings {
    /// Reads what the preset declares from the source's keys.
    pub fn read(declared: &BTreeMap<String, Declared>, keys: &mut Keys) -> Result<Self, KeyError> {
        let mut values = BTreeMap::new();
        for (name, declared) in declared {
            match declared.read(name, keys)? {
                Some(value) => drop(values.insert(name.clone(), value)),
                None if declared.optional => {}
                None => {
                    let reason = format!("is missing; it says {}", declared.says);
                    return Err(keys.wrong(name, reason));
                }
            }
        }
        Ok(Self(values))
    }

    pub fn get(&self, name: &str) -> Option<&SettingValue> {
        self.0.get(name)
    }

    /// Whether it was given, and is not an empty list or `false`.
    pub fn is_given(&self, name: &str) -> bool {
        match self.0.get(name) {
            None => false,
            Some(SettingValue::List(list)) => !list.is_empty(),
            Some(SettingValue::Text(text)) => text != "false",
            Some(SettingValue::Secret(_)) => true,
        }
    }

    /// A list; empty if it is none.
    pub fn list(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(SettingValue::List(list)) => list,
            _ => &[],
        }
    }
}

impl<'a> FromIterator<(&'a str, SettingValue)> for Settings {
    fn from_iter<I: IntoIterator<Item = (&'a str, SettingValue)>>(values: I) -> Self {
        let owned = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Self(owned.collect())
    }
}

impl Declared {
    /// As people are told of it.
    pub fn told(&self, name: &str) -> Key {
        Key {
            name: name.to_owned(),
            kind: self.kind,
            required: !self.optional && self.default.is_none(),
            says: match &self.default {
                Some(default) => format!("{}; {default} if not given", self.says),
                None => self.says.clone(),
            },
        }
    }

    fn read(&self, name: &str, keys: &mut Keys) -> Result<Option<SettingValue>, KeyError> {
        let given = match self.kind {
            Kind::Secret => keys.secret(name)?.map(SettingValue::Secret),
            Kind::List => {
                let list = keys.texts(name)?;
                (!list.is_empty()).then_some(SettingValue::List(list))
            }
            Kind::Flag => keys
                .flag(name)?
                .map(|flag| SettingValue::Text(flag.to_string())),
            Kind::Number => self.number(name, keys)?,
            Kind::Text => keys
                .text(name)?
                .filter(|text| !text.trim().is_empty())
                .map(SettingValue::Text),
        };
        Ok(given.or_else(|| self.default_value()))
    }

    fn number(&self, name: &str, keys: &mut Keys) -> Result<Option<SettingValue>, KeyError> {
        let text = keys.text(name)?;
        if text
            .as_ref()
            .is_some_and(|text| text.parse::<i64>().is_err())
        {
            return Err(keys.wrong(name, "must be a whole number"));
        }
        Ok(text.map(SettingValue::Text))
    }

    fn default_value(&self) -> Option<SettingValue> {
        match self.default.as_ref()? {
            toml::Value::String(text) => Some(SettingValue::Text(text.clone())),
            toml::Value::Array(items) => {
                let texts = items.iter().filter_map(|item| item.as_str());
                Some(SettingValue::List(texts.map(str::to_owned).collect()))
            }
            other => Some(SettingValue::Text(other.to_string())),
        }
    }
}
