//! A create that is sent again answers what it answered the first time.
//!
//! Never remembers a secret: a repeated create of a token answers without its value.

use domain::kernel::Span;

use crate::digest::sha256_hex;
use crate::ports::{Idempotent, Write};
use crate::unit::Unit;
use crate::{AppError, Context, Principal};

/// How long a key is remembered.
const REMEMBERED: Span = Span::hours(24);
const FIELD: &str = "Idempotency-Key";

/// What a client sends so that a repeat of a create makes nothing twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The header's value; 1 to 255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of method, path and body, in hex: another request under the same key is
    /// an error.
    pub request: String,
}

impl IdempotencyKey {
    /// Keys of different owners never meet.
    fn stored(&self, principal: &Principal) -> String {
        sha256_hex(&[principal.owner.as_str(), &self.key])
    }
}

/// The id of what this key made before, if it made something.
///
/// # Errors
/// [`AppError::Invalid`] for a key that cannot be one, or that made something else.
pub(crate) async fn made_before(
    ctx: &Context,
    principal: &Principal,
    key: Option<&IdempotencyKey>,
) -> Result<Option<String>, AppError> {
    let Some(key) = key else { return Ok(None) };
    let text = &key.key;
    if text.is_empty() || text.len() > 255 || !text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        let problem = "1 to 255 visible ASCII characters are needed";
        return Err(AppError::invalid(FIELD, problem));
    }
    match ctx
        .store
        .idempotent(&key.stored(principal), ctx.now())
        .await?
    {
        Some(known) if known.request != key.request => Err(AppError::invalid(
            FIELD,
            "this key was used for another request; use a new key for a new request",
        )),
        known => Ok(known.map(|known| known.made)),
    }
}

/// Remembers under the key what is made in this unit.
pub(crate) fn remember(
    unit: &mut Unit,
    ctx: &Context,
    principal: &Principal,
    key: Option<&IdempotencyKey>,
    made: &str,
) {
    if let Some(key) = key {
        let until = ctx.now().checked_add(REMEMBERED);
        unit.write(Write::AddIdempotent(Idempotent {
            key: key.stored(principal),
            request: key.request.clone(),
            made: made.to_owned(),
            until: until.unwrap_or(domain::kernel::Instant::MAX),
        }));
    }
}

/// A commit that failed because the same key was just used by a twin of this request is
/// decided again, and then finds what the twin made (B41).
pub(crate) fn twin(error: AppError, key: Option<&IdempotencyKey>) -> AppError {
    match (error, key) {
        (AppError::Conflict { sentence }, Some(_)) => AppError::Overtaken(sentence),
        (error, _) => error,
    }
}
