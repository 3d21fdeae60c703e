//! `fwn` kind `_` id `_` secret checksum.
//!
//! 12 base62 characters of public id, 32 of secret (190 bits), 6 of CRC-32 over all
//! before them. The checksum is no protection; it lets a typing error be refused
//! without any look-up, and lets scanners tell a token from chance.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::{CredentialId, Entropy, Instant, Secret, base62, digit62, digits62};

/// What a token is for; the fourth letter of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// `p`: owned by a person.
    Personal,
    /// `s`: owned by a service account.
    ServiceAccount,
    /// `c`: pushes observations of one source.
    Connector,
    /// `b`: made at the first start, for automation.
    Bootstrap,
}

/// A whole token value; shown once, never kept.
pub type TokenValue = Secret<String>;

/// A value whose form and checksum are right; whether it is genuine is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedToken<'a> {
    /// What it claims to be for.
    pub kind: TokenKind,
    /// Its public id.
    pub id: &'a str,
}

/// Why a text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFormatError {
    /// Not 56 characters, a character outside base62, or underscores elsewhere.
    #[error("this is not a Forewarn token: fwn, a kind letter and two base62 parts are wanted")]
    Form,
    /// A kind letter that does not exist.
    #[error("this token names a kind that does not exist; p, s, c and b do")]
    Kind,
    /// The checksum does not fit: a character was changed or lost.
    #[error("the checksum of this token is wrong; a character was changed or lost")]
    Checksum,
    /// The id `EXAMPLE00000`, which documents use.
    #[error("this is the example token of the documentation, which is never valid")]
    Example,
}

const ID_CHARS: usize = 12;
/// How many of these are the time.
const TICK_CHARS: usize = 6;
const TICKS: i64 = 62_i64.pow(6);
const SECRET_CHARS: usize = 32;
const CHECKSUM_CHARS: usize = 6;
const LENGTH: usize = 5 + ID_CHARS + 1 + SECRET_CHARS + CHECKSUM_CHARS;
const EXAMPLE_ID: &str = "EXAMPLE00000";

impl TokenKind {
    /// The letter in the value.
    pub const fn letter(self) -> char {
        match self {
            Self::Personal => 'p',
            Self::ServiceAccount => 's',
            Self::Connector => 'c',
            Self::Bootstrap => 'b',
        }
    }

    const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'p' => Some(Self::Personal),
            b's' => Some(Self::ServiceAccount),
            b'c' => Some(Self::Connector),
            b'b' => Some(Self::Bootstrap),
            _ => None,
        }
    }
}

/// Makes a new value and its public id, which begins with the time `now` in tenths of a second.
///
/// Tokens that are made together then stand together in each index, so that a commit writes a
/// few pages and not one a row. The id is no secret; the other half of it is drawn, some 5.7·10¹⁰
/// to choose from in each tenth of a second.
pub fn generate(
    kind: TokenKind,
    now: Instant,
    entropy: &mut dyn Entropy,
) -> (CredentialId, TokenValue) {
    loop {
        let id = format!("{}{}", tick(now), base62(entropy, ID_CHARS - TICK_CHARS));
        let secret = Secret::new(base62(entropy, SECRET_CHARS));
        let body = Secret::new(format!("fwn{}_{id}_{}", kind.letter(), secret.expose()));
        let value = Secret::new(format!(
            "{}{}",
            body.expose(),
            checksum(body.expose().as_bytes())
        ));
        // The reserved id cannot be handed out, however unlikely it is to be drawn.
        if let (true, Ok(id)) = (id != EXAMPLE_ID, CredentialId::parse(id)) {
            return (id, value);
        }
    }
}

/// The tenths of a second since the Unix epoch, in digits that sort as numbers do; they are
/// enough until the year 2149, and begin anew then.
fn tick(now: Instant) -> String {
    let tenths = now.as_micros().div_euclid(100_000).rem_euclid(TICKS);
    digits62(tenths.unsigned_abs(), TICK_CHARS)
}

/// Takes a value apart and checks its checksum; never trims, never folds case.
///
/// # Errors
/// One variant per way to be wrong; none of them needs a look-up.
pub fn parse(text: &str) -> Result<ParsedToken<'_>, TokenFormatError> {
    use TokenFormatError as E;
    let bytes = text.as_bytes();
    if bytes.len() != LENGTH || !text.is_ascii() {
        return Err(E::Form);
    }
    let (id, tail) = (
        text.get(5..17).ok_or(E::Form)?,
        text.get(18..).ok_or(E::Form)?,
    );
    let base62 = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric());
    let framed =
        text.starts_with("fwn") && bytes.get(4) == Some(&b'_') && bytes.get(17) == Some(&b'_');
    if !framed || !base62(id) || !base62(tail) {
        return Err(E::Form);
    }
    let kind = bytes
        .get(3)
        .copied()
        .and_then(TokenKind::from_letter)
        .ok_or(E::Kind)?;
    let (body, sum) = text
        .split_at_checked(LENGTH - CHECKSUM_CHARS)
        .ok_or(E::Form)?;
    if !is_checksum(sum, body) {
        return Err(E::Checksum);
    }
    if id == EXAMPLE_ID {
        Err(E::Example)
    } else {
        Ok(ParsedToken { kind, id })
    }
}

/// The same as comparing with [`checksum`], without writing it down: this runs before each
/// request is known to be anybody's.
fn is_checksum(sum: &str, body: &str) -> bool {
    let mut rest = u64::from(crc32fast::hash(body.as_bytes()));
    let fits = sum.bytes().rev().all(|digit| {
        let same = digit == digit62(rest);
        rest /= 62;
        same
    });
    fits && sum.len() == CHECKSUM_CHARS
}

/// CRC-32 (IEEE) in base62, most significant first, padded with zeros to 6.
fn checksum(body: &[u8]) -> String {
    digits62(u64::from(crc32fast::hash(body)), CHECKSUM_CHARS)
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Personal => "personal",
            Self::ServiceAccount => "service_account",
            Self::Connector => "connector",
            Self::Bootstrap => "bootstrap",
        })
    }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
