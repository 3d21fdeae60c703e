//! Finds tokens in any text or bytes, for `forewarn scan` and for redaction.

use super::{TokenFormatError, parse};

/// A token found, with a right checksum; whether it is genuine is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Where it begins, in bytes.
    pub offset: usize,
    /// Its public id, which may be shown; the rest may not.
    pub id: &'a str,
}

const LENGTH: usize = 56;

/// All tokens in `bytes`, first to last: what matches
/// `\bfwn[pscb]_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}\b` with a right checksum. The example of
/// the documentation is not one.
pub fn scan(bytes: &[u8]) -> impl Iterator<Item = Found<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(offset) = next_prefix(bytes, from) {
            from = offset + 1;
            if let Some(found) = token_at(bytes, offset) {
                from = offset + LENGTH;
                return Some(found);
            }
        }
        None
    })
}

fn next_prefix(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let at = rest.windows(3).position(|w| w == b"fwn")?;
    Some(from + at)
}

fn token_at(bytes: &[u8], offset: usize) -> Option<Found<'_>> {
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let before = offset.checked_sub(1).and_then(|at| bytes.get(at));
    if word(before) || word(bytes.get(offset + LENGTH)) {
        return None;
    }
    let text = std::str::from_utf8(bytes.get(offset..offset + LENGTH)?).ok()?;
    match parse(text) {
        Ok(token) => Some(Found {
            offset,
            id: token.id,
        }),
        Err(
            TokenFormatError::Form
            | TokenFormatError::Kind
            | TokenFormatError::Checksum
            | TokenFormatError::Example,
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::{Entropy, Instant};
    use crate::token::{TokenKind, generate};

    struct Bytes(u64);
    impl Entropy for Bytes {
        fn fill(&mut self, bytes: &mut [u8]) {
            for b in bytes {
                self.0 = self
                    .0
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                *b = (self.0 >> 56) as u8;
            }
        }
    }

    fn value(seed: u64) -> String {
        let (_, value) = generate(
            TokenKind::Personal,
            Instant::from_micros(0),
            &mut Bytes(seed),
        );
        value.expose().clone()
    }

    #[test]
    fn finds_each_token_between_anything_but_word_characters() {
        let (a, b) = (value(1), value(2));
        let text = format!("x={a};\n\"{b}\" fwn fwnp_ {a}x _{b}");
        let found: Vec<usize> = scan(text.as_bytes()).map(|f| f.offset).collect();
        assert_eq!(found, [2, text.find(&b).unwrap()]);
    }

    #[test]
    fn the_example_of_the_documentation_and_broken_ones_are_not_found() {
        let example = "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql";
        assert_eq!(scan(example.as_bytes()).count(), 0);
        let mut broken = value(3).into_bytes();
        broken[30] = if broken[30] == b'a' { b'b' } else { b'a' };
        assert_eq!(scan(&broken).count(), 0);
    }

    proptest! {
        #[test]
        fn never_fails_on_any_bytes_and_finds_what_was_put_in(
            head in prop::collection::vec(any::<u8>(), 0..80),
            tail in prop::collection::vec(any::<u8>(), 0..80),
            seed: u64,
        ) {
            let token = value(seed);
            let mut bytes = head.clone();
            bytes.push(b' ');
            let at = bytes.len();
            bytes.extend_from_slice(token.as_bytes());
            bytes.push(b' ');
            bytes.extend(tail);
            prop_assert!(scan(&bytes).any(|f| f.offset == at));
        }
    }
}
