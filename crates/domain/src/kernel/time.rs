//! A point in time, in UTC microseconds.

use std::fmt;
use std::ops::{Add, Sub};

use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Span;

/// A point in time: microseconds since 1970-01-01T00:00:00Z, in 64 bits.
///
/// Lifetimes are half-open, `[issued_at, expires_at)`: at `expires_at` itself a
/// credential is already dead (RFC 7519 §4.1.4, "on or after").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(i64);

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstantError {
    /// The text is not RFC 3339 with a zone.
    #[error("`{0}` is not an RFC 3339 instant such as 2027-01-31T09:00:00Z")]
    NotRfc3339(String),
    /// The instant lies after 9999-12-31T23:59:59.999999Z or before year 1.
    #[error("`{0}` lies outside the years 1 to 9999")]
    OutOfRange(String),
}

impl Instant {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// 9999-12-31T23:59:59.999999Z, the last instant RFC 3339 can spell.
    pub const MAX: Self = Self(253_402_300_799_999_999);
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800_000_000);

    /// Makes an instant from UTC microseconds; values beyond [`Self::MIN`] and
    /// [`Self::MAX`] are clamped to them.
    pub const fn from_micros(micros: i64) -> Self {
        if micros > Self::MAX.0 {
            Self::MAX
        } else if micros < Self::MIN.0 {
            Self::MIN
        } else {
            Self(micros)
        }
    }

    /// Microseconds since the epoch; negative before 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Reads RFC 3339 with a zone and nothing else; digits beyond microseconds
    /// are cut off. A leap second `:60` reads as `:59.999999`-like, as jiff does.
    ///
    /// # Errors
    /// Anything that is not RFC 3339, or lies outside the years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, InstantError> {
        let shown = || text.chars().take(64).collect::<String>();
        let (civil, offset) = split_zone(text).ok_or_else(|| InstantError::NotRfc3339(shown()))?;
        // jiff reads more than RFC 3339 (blanks, basic format, missing seconds, hour
        // 24); the shape is therefore checked first. Civil time is used because
        // jiff's own timestamps end a day before the year 9999 does.
        if !is_rfc3339_shape(civil.as_bytes()) {
            return Err(InstantError::NotRfc3339(shown()));
        }
        let civil: jiff::civil::DateTime = civil
            .parse()
            .map_err(|_| InstantError::NotRfc3339(shown()))?;
        let micros = civil.duration_since(EPOCH_CIVIL).as_micros() - offset;
        match i64::try_from(micros) {
            Ok(micros) if (Self::MIN.0..=Self::MAX.0).contains(&micros) => Ok(Self(micros)),
            _ => Err(InstantError::OutOfRange(shown())),
        }
    }

    /// `self + span`, or `None` past the year 9999.
    pub const fn checked_add(self, span: Span) -> Option<Self> {
        match self.0.checked_add(span.as_micros()) {
            Some(micros) if micros <= Self::MAX.0 && micros >= Self::MIN.0 => Some(Self(micros)),
            _ => None,
        }
    }

    /// How long from `self` until `later`; negative when `later` is earlier.
    pub const fn until(self, later: Self) -> Span {
        Span::from_micros(later.0.saturating_sub(self.0))
    }

    /// The same instant as jiff's type, for calendars and zones; the last day of
    /// the year 9999 is clamped to jiff's own end.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }

    /// Writes it behind a text: the same as its `Display`, without going through a formatter.
    pub fn write_to(self, text: &mut String) {
        const PRINTER: DateTimePrinter = DateTimePrinter::new();
        // Writing to a String cannot fail.
        let _ = PRINTER.print_datetime(&self.to_civil(), &mut *text);
        text.push('Z');
    }

    fn to_civil(self) -> jiff::civil::DateTime {
        EPOCH_CIVIL.saturating_add(jiff::SignedDuration::from_micros(self.0))
    }

    /// From jiff's type; digits beyond microseconds are cut off.
    pub fn from_jiff(at: jiff::Timestamp) -> Self {
        Self::from_micros(at.as_microsecond())
    }
}

const EPOCH_CIVIL: jiff::civil::DateTime = jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Splits `2026-11-22T09:00:00+02:00` into its civil part and its offset in microseconds.
fn split_zone(text: &str) -> Option<(&str, i128)> {
    if let Some(civil) = text.strip_suffix(['Z', 'z']) {
        return Some((civil, 0));
    }
    let (civil, zone) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let digits = |s: &str| (s.len() == 2).then(|| s.parse::<u8>().ok()).flatten();
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let offset = sign * (i128::from(hours) * 3600 + i128::from(minutes) * 60) * 1_000_000;
    (hours < 24 && minutes < 60).then_some((civil, offset))
}

/// `dddd-dd-ddTdd:dd:dd`, then perhaps `.` and digits; hour 24 is refused.
fn is_rfc3339_shape(civil: &[u8]) -> bool {
    let pattern = b"dddd-dd-ddTdd:dd:dd";
    let Some((head, fraction)) = civil.split_at_checked(pattern.len()) else {
        return false;
    };
    let head_fits = head.iter().zip(pattern).all(|(c, p)| match p {
        b'd' => c.is_ascii_digit(),
        b'T' => matches!(c, b'T' | b't'),
        p => c == p,
    });
    let fraction_fits = match fraction {
        [] => true,
        [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    head_fits && fraction_fits && head.get(11..13) != Some(b"24")
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, with as many fraction digits as needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.to_civil())
    }
}

/// Saturates at the ends of the range.
impl Add<Span> for Instant {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self::from_micros(self.0.saturating_add(span.as_micros()))
    }
}

/// Saturates at the ends of the range.
impl Sub<Span> for Instant {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self::from_micros(self.0.saturating_sub(span.as_micros()))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_rfc_3339_with_a_zone() {
        for good in [
            "2026-11-22T09:00:00Z",
            "2026-11-22T09:00:00.123456Z",
            "2026-11-22T09:00:00+02:00",
            "2026-11-22t09:00:00z",
            "9999-12-31T23:59:59Z",
        ] {
            assert!(Instant::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "2026-11-22",
            "2026-11-22T09:00:00",
            "2026-11-22 09:00:00Z",
            "20261122T090000Z",
            "2026-02-30T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "10000-01-01T00:00:00Z",
            "",
            "2026-11-22T09:00:00+0200",
            "2026-11-22T09:00:00Z[UTC]",
            "1700000000",
        ] {
            assert!(Instant::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keeps_microseconds_and_prints_what_it_read() {
        let at = Instant::parse("2026-11-22T09:00:00.123456Z").unwrap();
        assert_eq!(at.to_string(), "2026-11-22T09:00:00.123456Z");
        for at in [
            at,
            Instant::MAX,
            Instant::from_micros(0),
            Instant::from_micros(1_500_000),
        ] {
            let mut text = String::new();
            at.write_to(&mut text);
            assert_eq!(text, at.to_string());
        }
    }

    #[test]
    fn additions_stop_at_the_year_9999() {
        assert_eq!(Instant::MAX.checked_add(Span::from_micros(1)), None);
        assert_eq!(Instant::MAX + Span::days(1), Instant::MAX);
    }
}
