//! The keys that turn a token value into what is stored, and the text of their file.
//!
//! Never reads or writes a file: the binary does, and refuses to start when the file is
//! missing while tokens exist.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_lc_rs::hmac;
use domain::kernel::{Entropy, Secret};
use domain::token::TokenValue;
use subtle::ConstantTimeEq;

/// Keeps this use of the key apart from any other the key may ever have.
const DOMAIN: &[u8] = b"forewarn:token:v1:";
const HEADER: &str = "forewarn-keys 1";
const KEY_BYTES: usize = 32;

/// The HMAC keys by version. New tokens use the highest; older ones stay as long as a
/// token made with them lives.
pub struct Keys {
    current: u32,
    raw: BTreeMap<u32, Secret<[u8; KEY_BYTES]>>,
    ready: BTreeMap<u32, hmac::Key>,
    current_ready: hmac::Key,
}

/// What is stored of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac {
    /// Which key made it.
    pub key_version: u32,
    /// HMAC-SHA-256.
    pub bytes: [u8; 32],
}

/// Why a text is not a key file. Never holds any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The first line is another.
    #[error("this is not a key file: its first line must read `{HEADER}`")]
    Header,
    /// A line that is not version, blank, 64 hexadecimal digits.
    #[error("line {0} of the key file is damaged; restore the file from a backup")]
    Line(usize),
    /// No key in it.
    #[error("the key file holds no key; restore it from a backup")]
    Empty,
}

impl Keys {
    /// A first key of random bytes, as version 1.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        let mut key = [0_u8; KEY_BYTES];
        entropy.fill(&mut key);
        Self::from_key(1, key)
    }

    fn from_key(version: u32, key: [u8; KEY_BYTES]) -> Self {
        let ready = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Self {
            current: version,
            raw: BTreeMap::from([(version, Secret::new(key))]),
            ready: BTreeMap::from([(version, ready.clone())]),
            current_ready: ready,
        }
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// One variant per way to be damaged.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, line)| line) != Some(HEADER) {
            return Err(KeyError::Header);
        }
        let mut keys: Option<Self> = None;
        for (at, line) in lines.filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
            let (version, key) = key_of(line).ok_or(KeyError::Line(at + 1))?;
            match &mut keys {
                Some(keys) if keys.raw.contains_key(&version) => {
                    return Err(KeyError::Line(at + 1));
                }
                Some(keys) => keys.add(version, key),
                None => keys = Some(Self::from_key(version, key)),
            }
        }
        keys.ok_or(KeyError::Empty)
    }

    /// Adds a key of random bytes that new tokens use from now on; answers its version.
    pub fn add_new(&mut self, entropy: &mut dyn Entropy) -> u32 {
        let mut key = [0_u8; KEY_BYTES];
        entropy.fill(&mut key);
        self.add(self.current.saturating_add(1), key);
        self.current
    }

    fn add(&mut self, version: u32, key: [u8; KEY_BYTES]) {
        let ready = hmac::Key::new(hmac::HMAC_SHA256, &key);
        self.ready.insert(version, ready.clone());
        self.raw.insert(version, Secret::new(key));
        if version >= self.current {
            self.current = version;
            self.current_ready = ready;
        }
    }

    /// The text of the key file.
    pub fn serialise(&self) -> Secret<String> {
        // Room for everything, so that growing leaves no copy behind.
        let mut text = String::with_capacity(256 + self.raw.len() * 80);
        text.push_str(HEADER);
        text.push_str("\n# Without this file no token issued here can be verified. Back it up apart from the database.\n");
        for (version, key) in &self.raw {
            // Writing to a String cannot fail.
            let _ = write!(text, "{version} ");
            for byte in key.expose() {
                let _ = write!(text, "{byte:02x}");
            }
            text.push('\n');
        }
        Secret::new(text)
    }

    /// Whether a key of this version is here: without it its tokens cannot be verified.
    pub fn holds(&self, version: u32) -> bool {
        self.raw.contains_key(&version)
    }

    /// What is stored of a value, under the newest key.
    pub fn mac(&self, value: &TokenValue) -> Mac {
        Mac {
            key_version: self.current,
            bytes: sign(&self.current_ready, value.expose()),
        }
    }

    /// Whether `text` is the value that `expected` was made of; the same work whether it
    /// is or not, and whether there is anything to compare with or not.
    pub(crate) fn proves(&self, text: &str, expected: Option<Mac>) -> bool {
        let version = expected.map_or(self.current, |mac| mac.key_version);
        let key = self.ready.get(&version);
        let made = sign(key.unwrap_or(&self.current_ready), text);
        let stored = expected.map_or([0; 32], |mac| mac.bytes);
        let same = bool::from(made.as_slice().ct_eq(stored.as_slice()));
        same & expected.is_some() & key.is_some()
    }
}

fn sign(key: &hmac::Key, value: &str) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    context.update(DOMAIN);
    context.update(value.as_bytes());
    let tag = context.sign();
    let mut bytes = [0_u8; 32];
    for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    bytes
}

fn key_of(line: &str) -> Option<(u32, [u8; KEY_BYTES])> {
    let (version, hex) = line.split_once(' ')?;
    if hex.len() != KEY_BYTES * 2 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0_u8; KEY_BYTES];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some((version.parse().ok()?, key))
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Keys(newest {}, {} in all)",
            self.current,
            self.raw.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_key_file_is_read_back_with_every_key() {
        let value = Secret::new("x".to_owned());
        let mut keys = Keys::generate(&mut Fixed(1));
        let old = keys.mac(&value);
        assert_eq!(keys.add_new(&mut Fixed(2)), 2);
        let again = Keys::parse(keys.serialise().expose()).unwrap();
        assert!(again.proves("x", Some(old)) && again.proves("x", Some(again.mac(&value))));
        assert_eq!((old.key_version, again.mac(&value).key_version), (1, 2));
    }

    /// F32: a damaged key file is refused, whatever is damaged.
    #[test]
    fn a_damaged_key_file_is_refused() {
        let text = Keys::generate(&mut Fixed(1)).serialise().expose().clone();
        assert_eq!(Keys::parse("").err(), Some(KeyError::Header));
        assert_eq!(
            Keys::parse("forewarn-keys 1\n").err(),
            Some(KeyError::Empty)
        );
        let cut = text.trim_end().trim_end_matches("01");
        assert_eq!(Keys::parse(cut).err(), Some(KeyError::Line(3)));
        let twice = format!("{text}1 {}\n", "00".repeat(32));
        assert_eq!(Keys::parse(&twice).err(), Some(KeyError::Line(4)));
    }

    #[test]
    fn a_key_is_bound_to_its_use() {
        // HMAC-SHA-256 of the bare value, computed without our domain string.
        let keys = Keys::from_key(1, [7; 32]);
        let bare = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), b"x");
        assert_ne!(keys.mac(&Secret::new("x".to_owned())).bytes, bare.as_ref());
    }

    /// F32: a token of a key that is not in the file is not verified.
    #[test]
    fn a_missing_key_proves_nothing() {
        let keys = Keys::from_key(2, [7; 32]);
        let mac = keys.mac(&Secret::new("x".to_owned()));
        let other = Mac {
            key_version: 1,
            ..mac
        };
        assert!(!keys.proves("x", Some(other)) && !keys.proves("x", None));
        assert!(!format!("{keys:?}").contains("07"));
    }
}
