//! Counts and hostile names in words.

use std::fmt::Write as _;

use domain::kernel::count;

/// `1 other`, `3 others`.
pub(crate) fn others(n: usize) -> String {
    count(n as u64, "other")
}

/// What did not fit, as a title: `3 other credentials need attention`.
pub(crate) fn others_need_attention(n: usize) -> String {
    let counted = count(n as u64, "other credential");
    let need = if n == 1 { "needs" } else { "need" };
    format!("{counted} {need} attention")
}

/// A hostile text on one line: control, bidirectional and line-breaking characters
/// are shown as their number, and what is longer than `chars_max` is cut.
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
    c.is_control() || bidi || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_counted_as_people_count() {
        assert_eq!([others(1), others(1200)], ["1 other", "1,200 others"]);
        assert_eq!(
            others_need_attention(1),
            "1 other credential needs attention"
        );
        assert_eq!(
            others_need_attention(2),
            "2 other credentials need attention"
        );
    }

    #[test]
    fn hostile_names_stay_on_one_line() {
        assert_eq!(
            plain("a\r\nBcc: x\u{202E}", 80),
            "a‹U+000D›‹U+000A›Bcc: x‹U+202E›"
        );
        assert_eq!(plain("abc", 2), "ab…");
        assert_eq!(plain("ab", 2), "ab");
    }
}
