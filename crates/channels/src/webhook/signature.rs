//! The signature of Standard Webhooks, symmetric: `v1,` and the base64 of
//! HMAC-SHA-256 over `id.timestamp.body`.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::kernel::Secret;

/// Why a text is not a signing secret. Never repeats it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No `whsec_` in front.
    #[error("it does not begin with `whsec_`")]
    Prefix,
    /// What follows is not base64.
    #[error("what follows `whsec_` is not base64")]
    NotBase64,
    /// Too short to be safe, or longer than receivers take.
    #[error("it holds {0} bytes; 24 to 64 are wanted")]
    Length(usize),
}

/// Signing keys, the current one first.
pub struct Keys(Vec<hmac::Key>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

impl Keys {
    /// Reads secrets.
    ///
    /// # Errors
    /// The first that is not `whsec_` and the base64 of 24 to 64 bytes.
    pub fn parse(secrets: &[Secret<String>]) -> Result<Self, SecretError> {
        secrets
            .iter()
            .map(|secret| key(secret.expose()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// True without any key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One signature for each key, separated by blanks.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let signed = format!("{id}.{timestamp}.{body}");
        let one = |key| format!("v1,{}", STANDARD.encode(hmac::sign(key, signed.as_bytes())));
        self.0.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

fn key(secret: &str) -> Result<hmac::Key, SecretError> {
    let encoded = secret
        .trim()
        .strip_prefix("whsec_")
        .ok_or(SecretError::Prefix)?;
    let bytes = Secret::new(
        STANDARD
            .decode(encoded)
            .map_err(|_| SecretError::NotBase64)?,
    );
    match bytes.expose().len() {
        24..=64 => Ok(hmac::Key::new(hmac::HMAC_SHA256, bytes.expose())),
        other => Err(SecretError::Length(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn keys(secrets: &[&str]) -> Result<Keys, SecretError> {
        Keys::parse(
            &secrets
                .iter()
                .map(|s| Secret::new((*s).to_owned()))
                .collect::<Vec<_>>(),
        )
    }

    /// The vector was made and verified with the PyPI package `standardwebhooks`.
    #[test]
    fn the_known_answer_is_met() {
        let body = r#"{"type":"token.expiring","timestamp":"2026-11-22T09:00:00Z","data":{"alert_id":"alr_01"}}"#;
        let signature =
            keys(&[SECRET])
                .unwrap()
                .sign("evt_01J0TESTVECTOR00000000000", 1_795_338_000, body);
        assert_eq!(signature, "v1,3NhK069K648YIf9YxVkVq8mepv3BO59LywoUn96nFD4=");
    }

    #[test]
    fn every_key_signs_while_a_receiver_changes_over() {
        let both = keys(&[SECRET, &format!("whsec_{}", STANDARD.encode([7; 32]))])
            .unwrap()
            .sign("a", 1, "{}");
        let parts: Vec<&str> = both.split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0], keys(&[SECRET]).unwrap().sign("a", 1, "{}"));
    }

    #[test]
    fn secrets_have_24_to_64_bytes() {
        for (bytes, fits) in [(23, false), (24, true), (64, true), (65, false)] {
            let secret = format!("whsec_{}", STANDARD.encode(vec![1; bytes]));
            assert_eq!(keys(&[&secret]).is_ok(), fits, "{bytes}");
        }
        assert_eq!(keys(&["hunter2"]).unwrap_err(), SecretError::Prefix);
        assert_eq!(keys(&["whsec_!"]).unwrap_err(), SecretError::NotBase64);
    }
}
