//! For whom are times written: in which zone, and what is now?

use std::fmt;

use askama::filters::HtmlSafe;
use domain::kernel::{Instant, Span, passed, still_left};
use jiff::tz::TimeZone;

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
            passed(at.until(self.now))
                .map_or_else(|| "just now".to_owned(), |span| format!("{span} ago"))
        }
    }
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
    fn what_comes_and_what_has_passed_are_told_apart() {
        let reader = reader();
        for (span, want) in [
            (Span::hours(119), "in 4 days 23 hours"),
            (Span::from_micros(1), "in less than a minute"),
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
