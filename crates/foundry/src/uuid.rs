//! UUIDs in sixteen bytes instead of thirty-six.

/// Where the hyphens stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The sixteen bytes of a UUID spelled as RFC 9562 does, in lower case; `None` for any
/// other text, which could not be written back as it was.
pub(crate) fn parse(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || HYPHENS.iter().any(|at| bytes.get(*at) != Some(&b'-')) {
        return None;
    }
    let mut digits = bytes
        .iter()
        .enumerate()
        .filter(|(at, _)| !HYPHENS.contains(at));
    let mut uuid = [0_u8; 16];
    for byte in &mut uuid {
        let (high, low) = (digit(*digits.next()?.1)?, digit(*digits.next()?.1)?);
        *byte = high << 4 | low;
    }
    Some(uuid)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// The UUID as text.
pub(crate) fn write(uuid: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for byte in uuid {
        if HYPHENS.contains(&text.len()) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}
