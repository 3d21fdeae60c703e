//! A secret by reference: the configuration never holds the value.

use std::fmt;
use std::path::{Path, PathBuf};

use domain::kernel::Secret;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

/// `{ env = "NAME" }` or `{ file = "PATH" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// The value of an environment variable.
    Env(String),
    /// The content of a file, without the line break at its end.
    File(PathBuf),
}

/// Why a secret cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set; the configuration takes a secret from it")]
    NotSet(String),
    /// The file cannot be read.
    #[error("the secret file {0} cannot be read: {1}")]
    Unreadable(PathBuf, String),
    /// Everybody on the machine can read the file.
    #[error("the secret file {0} can be read by everybody on this machine; `chmod 600` it")]
    WorldReadable(PathBuf),
    /// Nothing in it.
    #[error("the secret in {0} is empty")]
    Empty(String),
}

impl SecretRef {
    /// Reads the secret.
    ///
    /// # Errors
    /// Not set, unreadable, readable by everybody, or empty.
    pub fn read(&self, environment: &[(String, String)]) -> Result<Secret<String>, SecretError> {
        let value = match self {
            Self::Env(name) => environment
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
                .ok_or_else(|| SecretError::NotSet(name.clone()))?,
            Self::File(path) => read_private(path)?,
        };
        if value.is_empty() {
            return Err(SecretError::Empty(self.to_string()));
        }
        Ok(Secret::new(value))
    }
}

fn read_private(path: &Path) -> Result<String, SecretError> {
    let unreadable =
        |error: std::io::Error| SecretError::Unreadable(path.to_owned(), error.to_string());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)
            .map_err(unreadable)?
            .permissions()
            .mode();
        if mode & 0o004 != 0 {
            return Err(SecretError::WorldReadable(path.to_owned()));
        }
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok(text
        .strip_suffix('\n')
        .map_or(text.clone(), |t| t.trim_end_matches('\r').to_owned()))
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(RefVisitor)
    }
}

struct RefVisitor;

impl<'de> Visitor<'de> for RefVisitor {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret by reference: { env = \"NAME\" } or { file = \"PATH\" }")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<SecretRef, E> {
        Err(E::custom(
            "secrets do not stand in the configuration; write { env = \"NAME\" } or { file = \"PATH\" }",
        ))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<SecretRef, M::Error> {
        let entry: Option<(String, String)> = map.next_entry()?;
        let more: Option<(String, String)> = map.next_entry()?;
        match (entry, more) {
            (Some((key, name)), None) if key == "env" => Ok(SecretRef::Env(name)),
            (Some((key, path)), None) if key == "file" => Ok(SecretRef::File(path.into())),
            _ => Err(de::Error::custom(
                "write { env = \"NAME\" } or { file = \"PATH\" }",
            )),
        }
    }
}
