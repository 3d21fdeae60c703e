//! When a new token shall end.

use crate::kernel::{Instant, Span};

/// How long a token lives when nobody says: a year of 365 days, whatever the calendar.
pub const DEFAULT_LIFETIME: Span = Span::hours(8760);
/// The shortest a token may live.
pub const SHORTEST_LIFETIME: Span = Span::seconds(60);

/// When a new token shall end, as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum IssueEnd {
    /// After [`DEFAULT_LIFETIME`].
    #[default]
    Default,
    /// At this instant.
    At(Instant),
    /// After this long.
    For(Span),
}

/// Why a token cannot end then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndError {
    /// In the past, now, or in less than a minute.
    #[error("a token must live for at least 60 seconds from now")]
    TooSoon,
    /// After the year 9999.
    #[error("a token must end before the year 10000")]
    TooFar,
}

impl IssueEnd {
    /// The instant at which a token issued at `now` ends.
    ///
    /// # Errors
    /// [`EndError::TooSoon`] below [`SHORTEST_LIFETIME`] (exactly a minute is allowed),
    /// [`EndError::TooFar`] past the last microsecond of the year 9999.
    pub fn resolve(self, now: Instant) -> Result<Instant, EndError> {
        let end = match self {
            Self::At(at) => at,
            Self::For(span) if span < SHORTEST_LIFETIME => return Err(EndError::TooSoon),
            Self::For(span) => now.checked_add(span).ok_or(EndError::TooFar)?,
            Self::Default => now.checked_add(DEFAULT_LIFETIME).ok_or(EndError::TooFar)?,
        };
        if now.until(end) < SHORTEST_LIFETIME {
            return Err(EndError::TooSoon);
        }
        Ok(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    /// B22: past, now, now + 1 s, and a minute at −1, 0, +1 microsecond.
    #[test]
    fn a_token_lives_at_least_a_minute() {
        let now = at("2026-11-22T09:00:00Z");
        let minute = SHORTEST_LIFETIME.as_micros();
        for micros in [-1, 0, 1_000_000, minute - 1] {
            let span = Span::from_micros(micros);
            assert_eq!(IssueEnd::For(span).resolve(now), Err(EndError::TooSoon));
            let end = IssueEnd::At(now.checked_add(span).unwrap());
            assert_eq!(end.resolve(now), Err(EndError::TooSoon));
        }
        for micros in [minute, minute + 1] {
            assert!(
                IssueEnd::For(Span::from_micros(micros))
                    .resolve(now)
                    .is_ok()
            );
        }
    }

    /// B23: extreme spans are refused, not wrapped.
    #[test]
    fn extreme_spans_do_not_overflow() {
        let now = at("2026-11-22T09:00:00Z");
        for (micros, want) in [
            (i64::MIN, EndError::TooSoon),
            (-1, EndError::TooSoon),
            (0, EndError::TooSoon),
            (i64::MAX, EndError::TooFar),
        ] {
            assert_eq!(
                IssueEnd::For(Span::from_micros(micros)).resolve(now),
                Err(want)
            );
        }
    }

    /// B24: 2038 and 9999 are years like others.
    #[test]
    fn the_year_9999_is_fine_and_the_year_10000_is_not() {
        let now = at("2026-11-22T09:00:00Z");
        for end in ["2038-01-19T03:14:08Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(IssueEnd::At(at(end)).resolve(now), Ok(at(end)));
        }
        let late = at("9999-12-31T23:00:00Z");
        assert_eq!(
            IssueEnd::For(Span::hours(2)).resolve(late),
            Err(EndError::TooFar)
        );
        assert_eq!(IssueEnd::Default.resolve(late), Err(EndError::TooFar));
    }

    /// B26: a year is 365 days of 24 hours, also from 29 February.
    #[test]
    fn a_default_year_is_365_days_in_utc() {
        let end = IssueEnd::Default.resolve(at("2028-02-29T12:00:00Z"));
        assert_eq!(end, Ok(at("2029-02-28T12:00:00Z")));
    }
}
