//! Every spelling of a limit that was met, and what hostile values come to.

use http::{HeaderName, HeaderValue};

use super::*;

/// 2026-11-22T09:00:00Z
const NOW: i64 = 1_795_338_000;

fn now() -> Instant {
    Instant::from_micros(NOW * 1_000_000)
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&'static str, &str)| {
        let name = HeaderName::from_static(name);
        (name, HeaderValue::from_str(value).unwrap())
    };
    lines.iter().map(line).collect()
}

fn waited(status: u16, lines: &[(&'static str, &str)]) -> Option<u64> {
    match pace(status, &headers(lines), 0, now()) {
        Pace::Free => None,
        Pace::Wait(wait) | Pace::TooLong(wait) => Some(wait.as_secs()),
    }
}

/// B69: each spelling of a limit is read.
#[test]
fn every_spelling_of_a_limit_is_read() {
    for (name, value, want) in [
        ("retry-after", "90", 90),
        ("retry-after", " 90 ", 90),
        ("retry-after", "1.5", 1),
        ("retry-after", "Sun, 22 Nov 2026 09:01:30 GMT", 90),
        ("x-retry-after", "1795338090", 90),
        ("x-ratelimit-reset", "1795338090", 90),
        ("x-ratelimit-reset", "1795338090000", 90),
        ("x-ratelimit-reset", "2026-11-22T09:01:30Z", 90),
        ("x-ratelimit-reset", "2026-11-22T10:01:30+01:00", 90),
        ("x-ratelimit-reset", "90", 90),
        ("x-rate-limit-reset", "1795338090", 90),
        ("ratelimit-reset", "90", 90),
        ("ratelimit", "limit=100, remaining=0, reset=90", 90),
        ("ratelimit", "\"default\";r=0;t=90", 90),
    ] {
        assert_eq!(waited(429, &[(name, value)]), Some(want), "{name}: {value}");
    }
}

/// B69: whatever stands there, the wait is between a second and what the limit says.
#[test]
fn no_value_makes_us_knock_at_once_or_panics() {
    for (value, want) in [
        ("0", 1),
        ("1795337000", 1),
        ("Sun, 22 Nov 2026 08:59:59 GMT", 1),
        ("1970-01-01T00:00:00Z", 1),
        ("-1", 2),
        ("soon", 2),
        ("", 2),
        ("NaN", 2),
        ("inf", 2),
        ("1e3", 1000),
        ("1e300", 998_204_662_000),
        ("18446744073709551616", 998_204_662_000),
    ] {
        assert_eq!(
            waited(429, &[("retry-after", value)]),
            Some(want),
            "{value}"
        );
    }
}

#[test]
fn five_minutes_are_waited_for_and_not_a_second_more() {
    let at = |seconds: &str| pace(429, &headers(&[("retry-after", seconds)]), 0, now());
    assert_eq!(at("299"), Pace::Wait(Duration::from_secs(299)));
    assert_eq!(at("300"), Pace::Wait(Duration::from_secs(300)));
    assert_eq!(at("301"), Pace::TooLong(Duration::from_secs(301)));
}

/// B69: a skewed clock, here or there, does not change the wait.
#[test]
fn the_answers_own_date_is_the_clock() {
    let date = ("date", "Mon, 01 Jan 2001 00:00:00 GMT");
    let reset = |value| [date, ("x-ratelimit-reset", value)];
    assert_eq!(waited(429, &reset("978307260")), Some(60));
    assert_eq!(waited(429, &reset("2001-01-01T00:01:00Z")), Some(60));
    let after = [date, ("retry-after", "Mon, 01 Jan 2001 00:01:00 GMT")];
    assert_eq!(waited(429, &after), Some(60));
    let nonsense = [("date", "yesterday"), ("x-ratelimit-reset", "1795338060")];
    assert_eq!(waited(429, &nonsense), Some(60));
}

#[test]
fn a_refusal_is_a_limit_only_where_the_answer_says_so() {
    assert_eq!(waited(403, &[]), None);
    assert_eq!(waited(403, &[("x-ratelimit-remaining", "1")]), None);
    let spent = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1795338060"),
    ];
    assert_eq!(waited(403, &spent), Some(60));
    assert_eq!(waited(403, &[("ratelimit", "\"d\";r=0;t=7")]), Some(7));
    // GitHub's secondary limit.
    assert_eq!(waited(403, &[("retry-after", "60")]), Some(60));
    assert_eq!(waited(503, &[("retry-after", "60")]), Some(60));
    assert_eq!(waited(503, &[]), None);
    assert_eq!(waited(401, &[("retry-after", "60")]), None);
    assert_eq!(waited(200, &spent), None);
}

#[test]
fn a_limit_that_says_nothing_is_waited_for_longer_each_time() {
    let waits: Vec<_> = (0..8)
        .map(|attempt| pace(429, &HeaderMap::new(), attempt, now()))
        .collect();
    let want = [2, 4, 8, 16, 32, 64, 64, 64].map(|s| Pace::Wait(Duration::from_secs(s)));
    assert_eq!(waits, want);
}
