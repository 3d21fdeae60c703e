//! Counts, and hostile names made inert.

use std::fmt::Write as _;

/// A name in a table is cut at so many characters.
pub(crate) const NAME_CHARS: usize = 80;

/// A hostile text on one line: control, bidirectional and line-breaking characters are
/// shown as their number, and what is longer than `chars_max` is cut. Markup is the
/// template's to escape.
pub(crate) fn plain(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    for c in chars.by_ref().take(chars_max) {
        if is_unprintable(c) {
            let _ = write!(out, "‹U+{:04X}›", u32::from(c));
        } else {
            out.push(c);
        }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

fn is_unprintable(c: char) -> bool {
    let bidi = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let unseen = matches!(
        c,
        '\u{200B}'..='\u{200D}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{FEFF}'
    );
    c.is_control() || bidi || unseen
}

/// `1 day`, `2 days`, `4,211 uses`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(n))
}

/// `4,211`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B14, B17: what could turn a line around or hide in it is shown as its number.
    #[test]
    fn hostile_names_stay_on_one_line() {
        assert_eq!(
            plain("a\r\nb\u{202E}\u{200B}", 80),
            "a‹U+000D›‹U+000A›b‹U+202E›‹U+200B›"
        );
        assert_eq!(plain("abc", 2), "ab…");
        assert_eq!(plain("ab", 2), "ab");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(1, "day"), "1 day");
        assert_eq!(count(1_234_567, "use"), "1,234,567 uses");
    }
}
