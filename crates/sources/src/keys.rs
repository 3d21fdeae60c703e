//! What the configuration says of one source, read key by key.
//!
//! Which keys exist depends on the system, so they are asked for one by one; what
//! nobody asked for is refused at the end, with the keys that would have been right.

use std::path::PathBuf;
use std::sync::Arc;

use domain::kernel::Secret;
use toml::{Table, Value};

/// A secret that is read again each time it is used, so that a rotated file or a
/// short-lived token on disk is taken up by itself.
#[derive(Clone)]
pub struct SecretHandle(Arc<dyn Fn() -> Result<Secret<String>, String> + Send + Sync>);

impl SecretHandle {
    /// Wraps whatever reads the secret.
    pub fn new(read: impl Fn() -> Result<Secret<String>, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// A text that does not change; for what stands in the configuration itself.
    pub fn fixed(text: impl Into<String>) -> Self {
        let kept = Secret::new(text.into());
        Self::new(move || Ok(kept.clone()))
    }

    /// Reads it.
    ///
    /// # Errors
    /// A sentence that says why it cannot be read; never the secret.
    pub fn read(&self) -> Result<Secret<String>, String> {
        (self.0)()
    }
}

impl std::fmt::Debug for SecretHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHandle")
    }
}

/// Opens a reference such as `{ env = "NAME" }`; the binary knows how.
pub type OpenSecret = Arc<dyn Fn(&Value) -> Result<SecretHandle, String> + Send + Sync>;

/// A key that is missing, unknown or of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`sources.{source_id}.{key}`: {reason}")]
pub struct KeyError {
    /// The source.
    pub source_id: String,
    /// The key in its table.
    pub key: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

/// The keys of one source's table that its system reads.
pub struct Keys {
    source: String,
    table: Table,
    asked: Vec<String>,
    open: OpenSecret,
}

impl Keys {
    /// The table as it stands in the configuration, without what every source has.
    pub fn new(source: impl Into<String>, table: Table, open: OpenSecret) -> Self {
        Self {
            source: source.into(),
            table,
            asked: Vec::new(),
            open,
        }
    }

    /// An error about one key.
    pub fn wrong(&self, key: &str, reason: impl Into<String>) -> KeyError {
        KeyError {
            source_id: self.source.clone(),
            key: key.to_owned(),
            reason: reason.into(),
        }
    }

    /// The value as it stands.
    pub fn value(&mut self, key: &str) -> Option<Value> {
        self.asked.push(key.to_owned());
        self.table.remove(key)
    }

    /// A text; numbers and booleans are taken as they are written.
    ///
    /// # Errors
    /// It is a list or a table.
    pub fn text(&mut self, key: &str) -> Result<Option<String>, KeyError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Integer(number)) => Ok(Some(number.to_string())),
            Some(Value::Boolean(flag)) => Ok(Some(flag.to_string())),
            Some(_) => Err(self.wrong(key, "must be a text")),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// It is missing, empty, a list or a table.
    pub fn need(&mut self, key: &str, says: &str) -> Result<String, KeyError> {
        let text = self.text(key)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.wrong(key, format!("is missing; it says {says}")))
    }

    /// A list of texts; a single text is a list of one. Empty if absent.
    ///
    /// # Errors
    /// It holds something else than texts.
    pub fn texts(&mut self, key: &str) -> Result<Vec<String>, KeyError> {
        let one = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Integer(number) => Some(number.to_string()),
            _ => None,
        };
        let found = match self.value(key) {
            None => Some(Vec::new()),
            Some(Value::Array(items)) => items.into_iter().map(one).collect(),
            Some(value) => one(value).map(|text| vec![text]),
        };
        found.ok_or_else(|| self.wrong(key, "must be a list of texts"))
    }

    /// A flag; `None` if absent.
    ///
    /// # Errors
    /// It is neither `true` nor `false`.
    pub fn flag(&mut self, key: &str) -> Result<Option<bool>, KeyError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Boolean(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(key, "must be true or false")),
        }
    }

    /// The path of a file; relative ones start where the server was started.
    ///
    /// # Errors
    /// It is no text.
    pub fn path(&mut self, key: &str) -> Result<Option<PathBuf>, KeyError> {
        Ok(self.text(key)?.map(PathBuf::from))
    }

    /// A secret by reference. It is read once now, so that a wrong reference shows at
    /// start, and again at each use.
    ///
    /// # Errors
    /// No reference, or it cannot be read.
    pub fn secret(&mut self, key: &str) -> Result<Option<SecretHandle>, KeyError> {
        let Some(reference) = self.value(key) else {
            return Ok(None);
        };
        let opened = (self.open)(&reference);
        let handle = opened.map_err(|reason| self.wrong(key, reason))?;
        handle.read().map_err(|reason| self.wrong(key, reason))?;
        Ok(Some(handle))
    }

    /// Refuses what nobody asked for.
    ///
    /// # Errors
    /// The first key that does not exist.
    pub fn finish(mut self) -> Result<(), KeyError> {
        let Some(unknown) = self.table.keys().next().cloned() else {
            return Ok(());
        };
        self.asked.sort();
        self.asked.dedup();
        let known = self.asked.join("`, `");
        Err(self.wrong(&unknown, format!("does not exist here; there is `{known}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Keys {
        let open: OpenSecret = Arc::new(|value| match value.as_str() {
            Some(_) => Err("write { env = \"NAME\" }".to_owned()),
            None => Ok(SecretHandle::new(|| Ok(Secret::new("s3cret".to_owned())))),
        });
        Keys::new("acme", text.parse().unwrap(), open)
    }

    #[test]
    fn a_key_that_nobody_asked_for_is_named_with_those_that_exist() {
        let mut keys = keys("url = 'https://x'\ntokn = 1");
        keys.text("url").unwrap();
        keys.text("token").unwrap();
        let error = keys.finish().unwrap_err().to_string();
        assert_eq!(
            error,
            "`sources.acme.tokn`: does not exist here; there is `token`, `url`"
        );
    }

    #[test]
    fn a_secret_in_the_clear_is_refused_without_repeating_it() {
        let error = keys("token = 'hunter2'").secret("token").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn one_text_is_a_list_of_one() {
        let mut one = keys("a = 'x'\nb = ['x', 'y']\nc = [[]]");
        assert_eq!(one.texts("a").unwrap(), ["x"]);
        assert_eq!(one.texts("b").unwrap(), ["x", "y"]);
        assert!(one.texts("c").is_err());
        assert_eq!(one.texts("d").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn debug_of_a_secret_prints_nothing_of_it() {
        let handle = SecretHandle::new(|| Ok(Secret::new("s3cret".to_owned())));
        assert!(!format!("{handle:?}").contains("s3cret"));
    }
}
