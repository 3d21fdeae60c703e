//! For whom are times written: in which zone, and what is now?

use std::fmt;

use askama::filters::HtmlSafe;
use domain::kernel::{Instant, Span};
use jiff::tz::TimeZone;

use super::count;

/// For whom times are written.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    zone: TimeZone,
    pub(crate) now: Instant,
}

/// How near an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// It is over.
    Past,
    /// Within a day.
    Day,
    /// Within seven days.
    Week,
    /// Not soon.
    Later,
}

impl Urgency {
    pub(crate) fn of(end: Instant, now: Instant) -> Self {
        match now.until(end) {
            left if !left.is_positive() => Self::Past,
            left if left <= Span::days(1) => Self::Day,
            left if left <= Span::days(7) => Self::Week,
            _ => Self::Later,
        }
    }

    /// How the stylesheet calls it.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Day => "crit",
            Self::Week => "warn",
            Self::Later => "later",
        }
    }
}

/// An instant in the reader's zone, with the exact one at hand.
#[derive(Clone, Debug)]
pub(crate) struct When {
    exact: String,
    shown: String,
}

// Both texts are made of our own words, digits and marks.
impl HtmlSafe for When {}

impl When {
    /// As it is shown, without the exact instant.
    pub(crate) fn words(&self) -> &str {
        &self.shown
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { exact, shown } = self;
        write!(
            f,
            r#"<time datetime="{exact}" title="{exact}">{shown}</time>"#
        )
    }
}

/// How much is left, coloured and marked by urgency.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    class: &'static str,
    words: String,
}

impl HtmlSafe for Left {}

impl Left {
    /// The same for an end that presses nobody: another value takes the place.
    pub(crate) fn calm(self) -> Self {
        Self {
            class: "later",
            ..self
        }
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, words } = self;
        write!(f, r#"<span class="left {class}">{words}</span>"#)
    }
}

impl Reader {
    /// A reader of this zone; UTC where it is not given or not known.
    pub(crate) fn of(zone: Option<&str>, now: Instant) -> Self {
        let zone = zone.and_then(|name| TimeZone::get(name).ok());
        Self {
            zone: zone.unwrap_or(TimeZone::UTC),
            now,
        }
    }

    pub(crate) fn zone_name(&self) -> String {
        self.zone.iana_name().unwrap_or("UTC").to_owned()
    }

    /// `Mon 23 Nov, 11:00`; with the year where it is not this one.
    pub(crate) fn when(&self, at: Instant) -> When {
        let local = self.local(at);
        let this_year = self.local(self.now).year();
        let form = if local.year() == this_year {
            "%a %-d %b, %H:%M"
        } else {
            "%a %-d %b %Y, %H:%M"
        };
        When {
            exact: at.to_string(),
            shown: local.strftime(form).to_string(),
        }
    }

    /// An instant on the reader's clock.
    pub(crate) fn local(&self, at: Instant) -> jiff::Zoned {
        at.to_jiff().to_zoned(self.zone.clone())
    }

    /// `Mon 23 Nov`.
    pub(crate) fn day(&self, at: Instant) -> String {
        self.local(at).strftime("%a %-d %b").to_string()
    }

    /// The first instant of a day (`2027-03-01`) on the reader's clock; `None` for what is no
    /// day.
    pub(crate) fn start_of_day(&self, day: &str) -> Option<Instant> {
        let day: jiff::civil::Date = day.parse().ok()?;
        let first = day.to_zoned(self.zone.clone()).ok()?;
        Some(Instant::from_jiff(first.timestamp()))
    }

    /// The last second of a day (`2027-03-01`) on the reader's clock; `None` for what is no
    /// day.
    pub(crate) fn end_of_day(&self, day: &str) -> Option<Instant> {
        let day: jiff::civil::Date = day.parse().ok()?;
        let last = day.at(23, 59, 59, 0).to_zoned(self.zone.clone()).ok()?;
        Some(Instant::from_jiff(last.timestamp()))
    }

    /// `in 3 days`, `ended 2 hours ago`.
    pub(crate) fn left(&self, end: Instant) -> Left {
        let urgency = Urgency::of(end, self.now);
        let words = self.left_words(end);
        let ended = if urgency == Urgency::Past {
            "ended "
        } else {
            ""
        };
        Left {
            class: urgency.class(),
            words: format!("{ended}{words}"),
        }
    }

    /// `in 3 days`, `2 hours ago`.
    pub(crate) fn left_words(&self, at: Instant) -> String {
        if self.now < at {
            format!("in {}", still_left(self.now.until(at)))
        } else {
            rounded_down(at.until(self.now))
                .map_or_else(|| "just now".to_owned(), |span| format!("{span} ago"))
        }
    }
}

/// A length that somebody chose: `8 hours`, `1 day`, `4 hours 48 minutes`.
pub(crate) fn length(span: Span) -> String {
    if span > Span::hours(48) || span.as_micros() % Span::days(1).as_micros() == 0 {
        return days_and_hours(span);
    }
    hours_and_minutes(span)
}

/// A span that is still to come. Never says more than there is: days, in the last week hours
/// besides, from two days down hours, in the last three hours minutes.
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
fn whole(span: Span, unit: Span) -> u64 {
    u64::try_from(span.as_micros().div_euclid(unit.as_micros())).unwrap_or(0)
}

/// A span that has passed, rounded down; `None` below a minute.
fn rounded_down(span: Span) -> Option<String> {
    let units = [
        (Span::days(1), "day"),
        (Span::hours(1), "hour"),
        (Span::minutes(1), "minute"),
    ];
    let mut counted = units
        .into_iter()
        .map(|(unit, name)| (whole(span, unit), name));
    counted
        .find(|(n, _)| *n > 0)
        .map(|(n, name)| count(n, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader() -> Reader {
        let now = Instant::parse("2026-11-22T09:00:00Z").unwrap();
        Reader::of(Some("Europe/Berlin"), now)
    }

    #[test]
    fn times_stand_in_the_readers_zone_with_the_exact_one_at_hand() {
        let at = Instant::parse("2026-11-23T10:00:00Z").unwrap();
        assert_eq!(
            reader().when(at).to_string(),
            r#"<time datetime="2026-11-23T10:00:00Z" title="2026-11-23T10:00:00Z">Mon 23 Nov, 11:00</time>"#
        );
        let next = Instant::parse("2026-12-31T23:30:00Z").unwrap();
        assert!(
            reader()
                .when(next)
                .to_string()
                .ends_with("Fri 1 Jan 2027, 00:30</time>")
        );
        let nowhere = Reader::of(Some("Nowhere/Land"), at);
        assert_eq!(nowhere.zone_name(), "UTC");
    }

    #[test]
    fn urgency_turns_at_a_day_and_at_seven() {
        let now = reader().now;
        let just = Span::from_micros(1);
        for (end, urgency) in [
            (now, Urgency::Past),
            (now + just, Urgency::Day),
            (now + Span::days(1), Urgency::Day),
            (now + Span::days(1) + just, Urgency::Week),
            (now + Span::days(7), Urgency::Week),
            (now + Span::days(7) + just, Urgency::Later),
        ] {
            assert_eq!(Urgency::of(end, now), urgency, "{end}");
        }
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
    fn never_is_more_said_than_is_left_or_has_passed() {
        let (reader, just) = (reader(), Span::from_micros(1));
        let under = |span: Span| Span::from_micros(span.as_micros() - 1);
        for (span, want) in [
            (Span::days(8), "in 8 days"),
            (under(Span::days(8)), "in 7 days"),
            (Span::days(7), "in 7 days"),
            (under(Span::days(7)), "in 6 days 23 hours"),
            (Span::hours(119), "in 4 days 23 hours"),
            (Span::hours(48), "in 48 hours"),
            (under(Span::hours(48)), "in 47 hours"),
            (Span::hours(1), "in 1 hour"),
            (under(Span::hours(1)), "in 59 minutes"),
            (Span::minutes(1), "in 1 minute"),
            (just, "in less than a minute"),
            (Span::ZERO, "just now"),
            (Span::minutes(-119), "1 hour ago"),
            (Span::hours(-47), "1 day ago"),
        ] {
            assert_eq!(reader.left_words(reader.now + span), want);
        }
        let past = reader.left(reader.now - Span::hours(3)).to_string();
        assert_eq!(past, r#"<span class="left past">ended 3 hours ago</span>"#);
    }
}
