//! Texts that prove themselves: signed with the key file, so nothing of them is stored.

use crate::Context;
use crate::digest::hex;
use domain::kernel::Secret;

/// A signature for one purpose: the version of the key and the HMAC in hexadecimal.
pub(crate) fn sign(ctx: &Context, purpose: &str, parts: &[&str]) -> String {
    let mac = ctx.verifier.mac(&marked(purpose, parts));
    format!("{}.{}", mac.key_version, hex(&mac.bytes))
}

/// Whether this was signed here, for this purpose; the same work whether it was or not.
pub(crate) fn proves(ctx: &Context, purpose: &str, parts: &[&str], signature: &str) -> bool {
    let mac = signature.split_once('.').and_then(|(version, text)| {
        let (key_version, bytes) = (version.parse().ok()?, unhex(text)?);
        Some(verifier::Mac { key_version, bytes })
    });
    let text = marked(purpose, parts);
    ctx.verifier.proves(text.expose(), mac)
}

/// Apart from every token, which never begins so; the length before each part keeps
/// ("ab", "c") and ("a", "bc") apart.
fn marked(purpose: &str, parts: &[&str]) -> Secret<String> {
    let mut text = format!("{purpose}:");
    for part in parts {
        text.push_str(&format!("{}:{part}", part.len()));
    }
    Secret::new(text)
}

/// Sixty-four hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    (text.len() == 64).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back() {
        let bytes = [0xa7; 32];
        assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        assert_eq!(unhex(&"a".repeat(63)), None);
        assert_eq!(unhex(&"a".repeat(66)), None);
        assert_eq!(unhex(&"g".repeat(64)), None);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let text = |parts: &[&str]| marked("x", parts).expose().clone();
        assert_ne!(text(&["ab", "c"]), text(&["a", "bc"]));
    }
}
