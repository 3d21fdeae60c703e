//! A length of time, in microseconds.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time in microseconds; may be negative as a difference of instants.
///
/// A day is always 24 hours: lifetimes and lead times are elapsed time, not
/// calendar dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

/// Why a text is not a span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// The text is none of `30d`, `168h`, `1h30m`, `P7D`.
    #[error("`{0}` is not a span such as 30d, 168h, 1h30m or P7D")]
    NotASpan(String),
    /// Longer than 10,000 years.
    #[error("`{0}` is longer than 10,000 years")]
    TooLong(String),
}

const SECOND: i64 = 1_000_000;
const DAY_SECONDS: i64 = 86_400;
const LONGEST_DAYS: i64 = 3_652_500;

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of so many microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of so many seconds; saturates.
    pub const fn seconds(n: i64) -> Self {
        Self(n.saturating_mul(SECOND))
    }

    /// A span of so many minutes; saturates.
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }

    /// A span of so many hours; saturates.
    pub const fn hours(n: i64) -> Self {
        Self::seconds(n.saturating_mul(3600))
    }

    /// A span of so many days of 24 hours; saturates.
    pub const fn days(n: i64) -> Self {
        Self::seconds(n.saturating_mul(DAY_SECONDS))
    }

    /// Microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// True above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// As the standard library's type; negative spans give zero.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }

    /// How many whole `unit`s cover this span, rounded up; 0 for a negative span
    /// or a unit that is not positive.
    pub const fn ceil_div(self, unit: Self) -> i64 {
        if self.0 <= 0 || unit.0 <= 0 {
            return 0;
        }
        (self.0 - 1) / unit.0 + 1
    }

    /// How often `unit` fits into this span, rounded down: below zero for a negative span; 0
    /// for a unit that is not positive.
    pub const fn whole(self, unit: Self) -> i64 {
        if unit.0 <= 0 {
            return 0;
        }
        self.0.div_euclid(unit.0)
    }

    /// Reads `30d`, `168h`, `1h30m`, `2w`, `500ms` and ISO 8601 (`P7D`, `PT1H`).
    /// Months and years have no fixed length and are refused; so are blanks at
    /// either end and a bare number (`24` of what?).
    ///
    /// # Errors
    /// Anything else, and more than 10,000 years.
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let not = || SpanError::NotASpan(text.chars().take(64).collect());
        if text.is_empty() || text.trim() != text {
            return Err(not());
        }
        let span: jiff::Span = text.parse().map_err(|_| not())?;
        if span.get_months() != 0 || span.get_years() != 0 {
            return Err(not());
        }
        let length = span
            .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
            .map_err(|_| not())?;
        let micros = i64::try_from(length.as_micros()).map_err(|_| too_long(text))?;
        if micros.abs() > LONGEST_DAYS * DAY_SECONDS * SECOND {
            return Err(too_long(text));
        }
        Ok(Self(micros))
    }
}

fn too_long(text: &str) -> SpanError {
    SpanError::TooLong(text.chars().take(64).collect())
}

impl fmt::Display for Span {
    /// The shortest spelling that [`Span::parse`] reads back: `30d`, `1h30m`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        for (unit, name) in [
            (86_400_000_000_u64, "d"),
            (3_600_000_000, "h"),
            (60_000_000, "m"),
            (1_000_000, "s"),
            (1_000, "ms"),
            (1, "us"),
        ] {
            if rest >= unit {
                write!(f, "{}{name}", rest / unit)?;
                rest %= unit;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_spellings_of_the_contract() {
        for (text, want) in [
            ("30d", Span::days(30)),
            ("168h", Span::hours(168)),
            ("1h30m", Span::minutes(90)),
            ("P7D", Span::days(7)),
            ("PT1H", Span::hours(1)),
            ("8760h", Span::days(365)),
            ("1s", Span::seconds(1)),
        ] {
            assert_eq!(Span::parse(text), Ok(want), "{text}");
        }
        for bad in [
            "", "24", "1h ", " 1h", "1y", "P1Y", "1 month", "NaN", "1e308", "h",
        ] {
            assert!(Span::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn prints_the_shortest_spelling() {
        for text in ["30d", "1h30m", "7d12h", "0s", "59s", "15ms"] {
            assert_eq!(Span::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Span::hours(168).to_string(), "7d");
    }

    #[test]
    fn counts_started_units() {
        let day = Span::days(1);
        assert_eq!(Span::hours(24).ceil_div(day), 1);
        assert_eq!((Span::from_micros(day.as_micros() + 1)).ceil_div(day), 2);
        assert_eq!(Span::from_micros(1).ceil_div(day), 1);
        assert_eq!(Span::ZERO.ceil_div(day), 0);
    }
}
