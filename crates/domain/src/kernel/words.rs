//! How are lengths of time and numbers said to people, in messages and on pages alike?
//!
//! What is still to come is never said to be more than it is.

use super::Span;

const MINUTE: Span = Span::minutes(1);
const HOUR: Span = Span::hours(1);
const DAY: Span = Span::days(1);

/// A span that is still to come. Never says more than there is: days, in the last two weeks
/// hours besides, from two days down hours, in the last three hours minutes.
pub fn still_left(span: Span) -> String {
    match span {
        s if s >= Span::days(14) => units(s, DAY, "day"),
        s if s > Span::hours(48) => days_and_hours(s),
        s if s >= Span::hours(3) => units(s, HOUR, "hour"),
        s if s >= HOUR => hours_and_minutes(s),
        s if s >= MINUTE => units(s, MINUTE, "minute"),
        _ => "less than a minute".to_owned(),
    }
}

/// A span that has passed, rounded down: `3 days`; `None` below a minute.
pub fn passed(span: Span) -> Option<String> {
    let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")];
    let mut counted = units
        .into_iter()
        .map(|(unit, name)| (fits(span, unit), name));
    let first = counted.find(|(n, _)| *n > 0);
    first.map(|(n, name)| count(n, name))
}

/// A length that somebody chose: `8 hours`, `1 day`, `4 hours 48 minutes`.
pub fn length(span: Span) -> String {
    if span > Span::hours(48) || span.as_micros() % DAY.as_micros() == 0 {
        return days_and_hours(span);
    }
    hours_and_minutes(span)
}

/// `1 day`, `2 days`, `4,211 uses`.
pub fn count(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(n))
}

/// `4,211`.
pub fn thousands(n: u64) -> String {
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

/// `6 days`, `6 days 23 hours`.
fn days_and_hours(span: Span) -> String {
    let hours = fits(span, HOUR);
    match (hours / 24, hours % 24) {
        (days, 0) => count(days, "day"),
        (days, hours) => format!("{} {}", count(days, "day"), count(hours, "hour")),
    }
}

/// `2 hours`, `1 hour 54 minutes`.
fn hours_and_minutes(span: Span) -> String {
    let minutes = fits(span, MINUTE);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => count(minutes, "minute"),
        (hours, 0) => count(hours, "hour"),
        (hours, minutes) => format!("{} {}", count(hours, "hour"), count(minutes, "minute")),
    }
}

fn units(span: Span, unit: Span, noun: &str) -> String {
    count(fits(span, unit), noun)
}

/// How often a unit fits into a span; never below zero.
fn fits(span: Span, unit: Span) -> u64 {
    u64::try_from(span.whole(unit)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// L17: four days and 23 hours are neither four days nor five.
    #[test]
    fn never_is_more_said_than_is_left() {
        let under = |span: Span| Span::from_micros(span.as_micros() - 1);
        for (span, want) in [
            (Span::days(15), "15 days"),
            (under(Span::days(15)), "14 days"),
            (Span::days(14), "14 days"),
            (under(Span::days(14)), "13 days 23 hours"),
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
        assert_eq!(passed(Span::seconds(59)), None);
        assert_eq!(passed(Span::hours(47)).as_deref(), Some("1 day"));
        assert_eq!(passed(Span::minutes(119)).as_deref(), Some("1 hour"));
        assert_eq!(passed(Span::days(-3)), None);
    }

    #[test]
    fn a_length_is_said_as_it_was_chosen() {
        for (span, want) in [
            (Span::days(1), "1 day"),
            (Span::hours(36), "36 hours"),
            (Span::hours(49), "2 days 1 hour"),
            (Span::hours(1), "1 hour"),
            (Span::minutes(288), "4 hours 48 minutes"),
            (Span::minutes(59), "59 minutes"),
        ] {
            assert_eq!(length(span), want);
        }
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(1, "use"), "1 use");
        assert_eq!(count(1_234_567, "use"), "1,234,567 uses");
        assert_eq!(count(999, "use"), "999 uses");
    }
}
