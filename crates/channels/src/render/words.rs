//! Spans, counts and hostile names in words.

use std::fmt::Write as _;

use domain::kernel::Span;

/// A span that is still to come. Never says more than there is: days, in the last week
/// hours besides, from two days down hours, in the last three hours minutes.
pub(crate) fn still_left(span: Span) -> String {
    match span {
        s if s >= Span::days(7) => count(whole(s, Span::days(1)), "day"),
        s if s > Span::hours(48) => days_and_hours(s),
        s if s >= Span::hours(3) => count(whole(s, Span::hours(1)), "hour"),
        s if s >= Span::hours(1) => hours_and_minutes(s),
        s if s >= Span::minutes(1) => count(whole(s, Span::minutes(1)), "minute"),
        _ => "less than a minute".to_owned(),
    }
}

/// `6 days`, `6 days 23 hours`.
fn days_and_hours(span: Span) -> String {
    let hours = whole(span, Span::hours(1));
    match (hours / 24, hours % 24) {
        (days, 0) => count(days, "day"),
        (days, hours) => format!("{} {}", count(days, "day"), count(hours, "hour")),
    }
}

/// `2 hours`, `1 hour 54 minutes`.
fn hours_and_minutes(span: Span) -> String {
    let minutes = whole(span, Span::minutes(1));
    match (minutes / 60, minutes % 60) {
        (0, minutes) => count(minutes, "minute"),
        (hours, 0) => count(hours, "hour"),
        (hours, minutes) => format!("{} {}", count(hours, "hour"), count(minutes, "minute")),
    }
}

/// How often a unit fits into a span.
pub(crate) const fn whole(span: Span, unit: Span) -> i64 {
    span.as_micros().div_euclid(unit.as_micros())
}

/// A span that has passed, rounded down: `3 days`; `None` below a minute.
pub(crate) fn rounded_down(span: Span) -> Option<String> {
    [
        (Span::days(1), "day"),
        (Span::hours(1), "hour"),
        (Span::minutes(1), "minute"),
    ]
    .into_iter()
    .map(|(unit, name)| (whole(span, unit), name))
    .find(|(n, _)| *n > 0)
    .map(|(n, name)| count(n, name))
}

/// `1 day`, `2 days`, `4,211 uses`.
pub(crate) fn count(n: i64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(n))
}

/// `1 other`, `3 others`.
pub(crate) fn others(n: usize) -> String {
    count(i64::try_from(n).unwrap_or(i64::MAX), "other")
}

/// What did not fit, as a title: `3 other credentials need attention`.
pub(crate) fn others_need_attention(n: usize) -> String {
    let counted = count(i64::try_from(n).unwrap_or(i64::MAX), "other credential");
    let need = if n == 1 { "needs" } else { "need" };
    format!("{counted} {need} attention")
}

fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
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

    /// L17: four days and 23 hours are neither four days nor five.
    #[test]
    fn never_is_more_said_than_is_left() {
        let under = |span: Span| Span::from_micros(span.as_micros() - 1);
        for (span, want) in [
            (Span::days(8), "8 days"),
            (under(Span::days(8)), "7 days"),
            (Span::days(7), "7 days"),
            (under(Span::days(7)), "6 days 23 hours"),
            (Span::hours(119), "4 days 23 hours"),
            (Span::hours(72), "3 days"),
            (Span::hours(48), "48 hours"),
            (under(Span::hours(48)), "47 hours"),
            (Span::hours(3), "3 hours"),
            (under(Span::hours(3)), "2 hours 59 minutes"),
            (Span::hours(1), "1 hour"),
            (under(Span::hours(1)), "59 minutes"),
            (Span::minutes(1), "1 minute"),
            (under(Span::minutes(1)), "less than a minute"),
        ] {
            assert_eq!(still_left(span), want);
        }
    }

    #[test]
    fn what_has_passed_is_rounded_down() {
        assert_eq!(rounded_down(Span::seconds(59)), None);
        assert_eq!(rounded_down(Span::hours(47)).as_deref(), Some("1 day"));
        assert_eq!(rounded_down(Span::minutes(119)).as_deref(), Some("1 hour"));
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(1, "use"), "1 use");
        assert_eq!(count(1_234_567, "use"), "1,234,567 uses");
        assert_eq!(count(999, "use"), "999 uses");
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
