//! Where in sixty-four bytes are those that mean something to JSON?
//!
//! Bits of a word, the lowest for the first byte. Knows bytes, not JSON.

use wide::u8x16;

/// So many bytes are looked at at once.
pub(crate) const BLOCK: usize = 64;

/// One bit a byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    /// `"`
    pub(crate) quotes: u64,
    /// Control characters, line ends among them, and `\`.
    pub(crate) breaks: u64,
    /// Bytes that are no ASCII.
    pub(crate) high: u64,
}

/// The masks of a block.
#[inline]
pub(crate) fn masks(block: &[u8; BLOCK]) -> Masks {
    let mut masks = Masks::default();
    for (lane, at) in block.as_chunks::<16>().0.iter().zip([0, 16, 32, 48]) {
        let bytes = u8x16::new(*lane);
        let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
        let breaks = controls | bytes.simd_eq(u8x16::splat(b'\\'));
        masks.quotes |= bits(bytes.simd_eq(u8x16::splat(b'"'))) << at;
        masks.breaks |= bits(breaks) << at;
        masks.high |= bits(bytes) << at;
    }
    masks
}

/// The highest bit of each byte.
#[inline]
fn bits(bytes: u8x16) -> u64 {
    u64::from(bytes.to_bitmask())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_the_masks_that_it_should() {
        for byte in 0..=u8::MAX {
            for at in [0, 1, 15, 16, 31, 47, 48, 63] {
                let mut block = [b' '; BLOCK];
                block[at] = byte;
                let expected = |yes: bool| u64::from(yes) << at;
                let masks = masks(&block);
                assert_eq!(masks.quotes, expected(byte == b'"'), "{byte}");
                assert_eq!(masks.breaks, expected(byte < 0x20 || byte == b'\\'));
                assert_eq!(masks.high, expected(byte >= 0x80));
            }
        }
    }
}
