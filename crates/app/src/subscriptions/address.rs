//! The address: 12 letters that find it, 32 that prove it.

use domain::kernel::{Entropy, Secret, SubscriptionId, base62};

use crate::digest::hex;
use crate::ports::Subscription;
use crate::signed::unhex;
use crate::{Context, Verifier};

const ID_CHARS: usize = 12;
/// 190 bits.
const SECRET_CHARS: usize = 32;

/// A new address and the id in it.
pub(super) fn generate(entropy: &mut dyn Entropy) -> Option<(SubscriptionId, Secret<String>)> {
    let id = base62(entropy, ID_CHARS);
    let secret = base62(entropy, SECRET_CHARS);
    let address = Secret::new(format!("{id}{secret}"));
    Some((SubscriptionId::parse(id).ok()?, address))
}

/// The id in an address; `None` for what cannot be one.
pub(super) fn id_of(address: &str) -> Option<SubscriptionId> {
    let fits = address.len() == ID_CHARS + SECRET_CHARS;
    let base62 = address.bytes().all(|b| b.is_ascii_alphanumeric());
    let id = address.get(..ID_CHARS).filter(|_| fits && base62)?;
    SubscriptionId::parse(id).ok()
}

/// What is stored of an address: the version of the key, and the HMAC in hexadecimal.
pub(super) fn stored(verifier: &Verifier, address: &Secret<String>) -> (u32, String) {
    let mac = verifier.mac(&marked(address.expose()));
    (mac.key_version, hex(&mac.bytes))
}

/// Whether the address is the one this was made with; the same work whether it is or not.
pub(super) fn proves(ctx: &Context, address: &str, kept: Option<&Subscription>) -> bool {
    let mac = kept.and_then(|kept| {
        let bytes = unhex(&kept.mac)?;
        let key_version = kept.key_version;
        Some(verifier::Mac { key_version, bytes })
    });
    ctx.verifier.proves(marked(address).expose(), mac)
}

/// Apart from every token, which never begins so.
fn marked(address: &str) -> Secret<String> {
    Secret::new(format!("feed:{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_44_letters() {
        let good = "a".repeat(44);
        assert_eq!(id_of(&good).unwrap().as_str(), "aaaaaaaaaaaa");
        for bad in [
            &good[1..],
            &format!("{good}a"),
            &"é".repeat(22),
            &"-".repeat(44),
        ] {
            assert_eq!(id_of(bad), None);
        }
    }
}
