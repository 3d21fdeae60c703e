//! Which `Idempotency-Key` does a create carry?

use axum::extract::FromRequestParts;
use http::request::Parts;
use sha2::{Digest as _, Sha256};

use crate::problem::Problem;

const BYTES_MAX: usize = 255;

/// The `Idempotency-Key` of a create: 1 to 255 visible ASCII characters; `None` when
/// the caller sent none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// The key together with what was asked, so that another request under the same key
    /// can be told apart.
    pub fn for_request(self, call: &str, body: &[u8]) -> Option<app::IdempotencyKey> {
        let key = self.0?;
        let mut hash = Sha256::new();
        hash.update(call.as_bytes());
        hash.update([0]);
        hash.update(body);
        let request = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        Some(app::IdempotencyKey { key, request })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        let visible = value.to_str().ok().filter(|text| {
            (1..=BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
        });
        match visible {
            Some(key) if values.next().is_none() => Ok(Self(Some(key.to_owned()))),
            _ => Err(Problem::bad_request(format!(
                "Idempotency-Key: send one key of 1 to {BYTES_MAX} visible ASCII characters"
            ))),
        }
    }
}
