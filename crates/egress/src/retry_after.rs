//! When may the next try be, after what the other side asked for?
//!
//! Pure. The header is written by the other side, which may be hostile: no value
//! may panic, wait for ever, or make us knock at once.

use std::time::{Duration, SystemTime};

/// The longest wait that another side can impose.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3600);

/// Reads `Retry-After` (RFC 9110 §10.2.3): whole seconds, or an HTTP date in one of
/// its three spellings, which is turned into a wait from `now`. A date that has
/// passed is a wait of zero. `None` when the value is neither; longer waits than
/// [`RETRY_AFTER_MAX`] are cut to it.
pub fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // Digits that do not fit are simply very many seconds.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    Some(
        at.duration_since(now)
            .unwrap_or(Duration::ZERO)
            .min(RETRY_AFTER_MAX),
    )
}

/// The wait before the next try: never shorter than our own schedule says, never
/// longer than [`RETRY_AFTER_MAX`], unless the schedule itself is longer.
pub fn retry_delay(scheduled: Duration, asked: Option<Duration>) -> Duration {
    asked
        .unwrap_or_default()
        .min(RETRY_AFTER_MAX)
        .max(scheduled)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T09:00:00Z
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_338_000)
    }

    /// B56: whatever stands in `Retry-After`, the wait stays between the schedule and a day.
    #[test]
    fn no_retry_after_panics_or_leaves_the_schedule_and_a_day() {
        let base = Duration::from_secs(300);
        for (value, want) in [
            ("0", 300),
            ("1", 300),
            ("299", 300),
            ("300", 300),
            ("301", 301),
            (" 900 ", 900),
            ("86399", 86_399),
            ("86400", 86_400),
            ("86401", 86_400),
            ("18446744073709551616", 86_400),
            ("-1", 300),
            ("+5", 300),
            ("1.5", 300),
            ("1e300", 300),
            ("inf", 300),
            ("NaN", 300),
            ("", 300),
            ("soon", 300),
            ("٣٠٠", 300),
            ("Sun, 22 Nov 2026 08:59:59 GMT", 300),
            ("Sun, 22 Nov 2026 09:10:00 GMT", 600),
            ("Sunday, 22-Nov-26 09:10:00 GMT", 600),
            ("Sun Nov 22 09:10:00 2026", 600),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 300),
            ("Sun, 22 Nov 12026 09:10:00 GMT", 300),
        ] {
            let delay = retry_delay(base, parse_retry_after(value, now()));
            assert_eq!(delay.as_secs(), want, "{value:?}");
        }
    }
}
