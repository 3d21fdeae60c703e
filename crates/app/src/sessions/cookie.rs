//! The value of a session's cookie: 12 letters that find it, 32 that prove it.

use domain::kernel::{Entropy, Secret, SessionId, base62};

use crate::digest::sha256_hex;
use crate::ports::Session;

const ID_CHARS: usize = 12;
/// 190 bits, far beyond guessing: a plain hash of it tells nothing.
const SECRET_CHARS: usize = 32;

/// A new value and the id in it.
pub(super) fn generate(entropy: &mut dyn Entropy) -> Option<(SessionId, Secret<String>)> {
    let id = base62(entropy, ID_CHARS);
    let secret = base62(entropy, SECRET_CHARS);
    let value = Secret::new(format!("{id}{secret}"));
    Some((SessionId::parse(id).ok()?, value))
}

/// The id in a value; `None` for what cannot be one.
pub(super) fn id_of(value: &Secret<String>) -> Option<SessionId> {
    let value = value.expose();
    let fits = value.len() == ID_CHARS + SECRET_CHARS;
    let base62 = value.bytes().all(|b| b.is_ascii_alphanumeric());
    let id = value.get(..ID_CHARS).filter(|_| fits && base62)?;
    SessionId::parse(id).ok()
}

/// What is stored of a value.
pub(super) fn hash(value: &Secret<String>) -> String {
    sha256_hex(&["session", value.expose()])
}

/// Whether the value is the one this session was opened with. Hashes are compared, so the
/// time it takes tells nothing of the value.
pub(super) fn proves(value: &Secret<String>, session: &Session) -> bool {
    hash(value) == session.hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_44_letters() {
        let id = |text: &str| id_of(&Secret::new(text.to_owned()));
        let good = "a".repeat(44);
        assert_eq!(id(&good).unwrap().as_str(), "aaaaaaaaaaaa");
        let long = format!("{good}a");
        for bad in [&good[1..], &long, &"é".repeat(22), &"-".repeat(44), ""] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }
}
