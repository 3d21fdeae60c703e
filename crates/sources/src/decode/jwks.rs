//! Which of the keys that a server signs with have an end?
//!
//! A JSON Web Key (RFC 7517) has none itself; the certificate that may come with it
//! (`x5c`, 4.7) does. Whatever else a key holds, private parts above all, is passed over.

use serde::Deserialize;

use super::certificate::one_certificate;
use super::{CertificateFacts, DecodeError, pem};

/// The most keys that are read from one set.
const KEYS_MAX: usize = 1000;
const NOT_A_SET: DecodeError = DecodeError::NotThis("JSON Web Key Set");

/// One key of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its `kid`, where it has one.
    pub id: Option<String>,
    /// What it is for: `sig` or `enc`.
    pub used_for: Option<String>,
    /// The first certificate of `x5c`; `None` if there is none, and then the key has no
    /// end. An error if it cannot be read.
    pub certificate: Option<Result<CertificateFacts, DecodeError>>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    #[serde(default)]
    x5c: Vec<String>,
}

/// The keys of a set, in their order.
///
/// # Errors
/// It is no set, or holds more than 1000 keys.
pub fn jwks(bytes: &[u8]) -> Result<Vec<KeyFacts>, DecodeError> {
    let set: Set = serde_json::from_slice(bytes).map_err(|_| NOT_A_SET)?;
    if set.keys.iter().any(|key| key.kty.is_empty()) {
        return Err(NOT_A_SET);
    }
    if set.keys.len() > KEYS_MAX {
        let reason = format!("it holds more than {KEYS_MAX} keys");
        return Err(DecodeError::damaged("JSON Web Key Set", reason));
    }
    Ok(set.keys.into_iter().map(facts).collect())
}

fn facts(key: Key) -> KeyFacts {
    // Base64, not base64url (RFC 7517, 4.7).
    let damaged = || DecodeError::damaged("certificate", "its `x5c` is no base64");
    let certificate = key.x5c.first().map(|first| {
        let der = pem::base64(first).ok_or_else(damaged)?;
        one_certificate(&der)
    });
    KeyFacts {
        id: key.kid.filter(|id| !id.trim().is_empty()),
        used_for: key.used_for,
        certificate,
    }
}
