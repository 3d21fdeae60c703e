//! Typed ids: a team's id cannot be passed where a role's is wanted.
//!
//! Ids are opaque ASCII texts. Those that Forewarn makes carry a prefix that says
//! what they name (`per_…`); ids that stand for something from outside are derived
//! from it by SHA-256, so that the same fact always has the same id.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A source of random bytes; the domain never makes its own.
pub trait Entropy {
    /// Fills the slice with bytes from a cryptographic generator.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Why a text cannot be an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: 1 to 200 visible ASCII characters are needed")]
pub struct IdError(pub String);

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `count` random base62 characters, each equally likely: bytes of 248 and above
/// are thrown away, for 248 is the largest multiple of 62 a byte can hold.
pub fn base62(entropy: &mut dyn Entropy, count: usize) -> String {
    let mut out = String::with_capacity(count);
    let mut bytes = [0_u8; 64];
    while out.len() < count {
        entropy.fill(&mut bytes);
        for byte in bytes.iter().filter(|b| **b < 248) {
            if out.len() == count {
                break;
            }
            if let Some(c) = ALPHABET.get(usize::from(byte % 62)) {
                out.push(char::from(*c));
            }
        }
    }
    out
}

/// The lowest `count` base62 digits of a number, highest first: texts of one length sort as
/// their numbers do.
pub fn digits62(number: u64, count: usize) -> String {
    let mut rest = number;
    let mut digits = vec![b'0'; count];
    for digit in digits.iter_mut().rev() {
        *digit = digit62(rest);
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// The last base62 digit of a number.
pub fn digit62(number: u64) -> u8 {
    let at = usize::try_from(number % 62).unwrap_or_default();
    ALPHABET.get(at).copied().unwrap_or(b'0')
}

fn digest62(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length in front keeps ("ab","c") and ("a","bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let bytes = hash.finalize();
    bytes
        .iter()
        .take(22)
        .filter_map(|b| ALPHABET.get(usize::from(b % 62)))
        .map(|c| char::from(*c))
        .collect()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What ids of this type begin with when Forewarn makes them.
            pub const PREFIX: &'static str = $prefix;

            /// A new random id.
            pub fn random(entropy: &mut dyn Entropy) -> Self {
                Self(format!("{}_{}", $prefix, base62(entropy, 20)))
            }

            /// The id that stands for these parts, always the same for the same parts.
            pub fn derived(parts: &[&str]) -> Self {
                Self(format!("{}_{}", $prefix, digest62(parts)))
            }

            /// Takes an id from outside.
            ///
            /// # Errors
            /// Empty, longer than 200 bytes, or with a byte that is not visible ASCII.
            pub fn parse(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                let visible = !text.is_empty() && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic());
                if visible { Ok(Self(text)) } else { Err(IdError(text.chars().take(64).collect())) }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// A credential of the inventory. For tokens that Forewarn issued it is the
    /// token's public id of 12 characters, without prefix.
    CredentialId = "crd";
    /// A system whose credentials are watched; the key of its table in the
    /// configuration, or `forewarn` for the tokens issued here.
    SourceId = "src";
    /// A person.
    PersonId = "per";
    /// A team.
    TeamId = "tea";
    /// A secret address of a calendar and a feed; its first part.
    SubscriptionId = "sub";
    /// A service account.
    ServiceAccountId = "sva";
    /// A way out; the key of its table in the configuration.
    ChannelId = "chn";
    /// An integration that reports in.
    MonitorId = "mon";
    /// An alert.
    AlertId = "alr";
    /// What makes a notice unique: alert, end, step, occurrence, recipient.
    NoticeKey = "ntc";
    /// A message; also its Message-ID and `webhook-id`.
    MessageId = "msg";
    /// One pass of the sweep.
    SweepId = "swp";
    /// A row of the audit log.
    AuditId = "aud";
    /// A silence.
    SilenceId = "sil";
    /// A wish to hear of all credentials of a kind.
    WatchId = "wat";
    /// A sign-in of one person in one browser.
    SessionId = "ses";
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(u8);
    impl Entropy for Counting {
        fn fill(&mut self, bytes: &mut [u8]) {
            for b in bytes {
                *b = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    #[test]
    fn random_ids_carry_their_prefix_and_only_base62() {
        let id = PersonId::random(&mut Counting(200));
        let (prefix, rest) = id.as_str().split_once('_').unwrap();
        assert_eq!((prefix, rest.len()), ("per", 20));
        assert!(rest.bytes().all(|b| b.is_ascii_alphanumeric()));
    }

    #[test]
    fn derived_ids_keep_their_parts_apart() {
        assert_eq!(
            CredentialId::derived(&["a", "b"]),
            CredentialId::derived(&["a", "b"])
        );
        assert_ne!(
            CredentialId::derived(&["ab", "c"]),
            CredentialId::derived(&["a", "bc"])
        );
    }
}
