//! How long does the other side want us to wait?
//!
//! Pure: an answer's status and headers in, a verdict out. Systems spell their limits
//! in many ways; all that were met are read here. Waits are counted from the answer's
//! own `Date`, so that a clock that is off does not matter. What must never happen: a
//! wait without an end, or knocking again at once.

use std::time::{Duration, SystemTime};

use domain::kernel::{Instant, Span};
use http::HeaderMap;

/// The longest wait inside one read, inclusive. Who asks for more ends the read as
/// *partial*; the next one comes by itself.
pub const WAIT_MAX: Span = Span::minutes(5);
/// The shortest wait, also where a limit is said to be over already.
const WAIT_MIN: Span = Span::seconds(1);
/// How often a request that met a limit is tried again before the read ends.
pub const TRIES: u32 = 5;

/// What an answer says about going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It met no limit.
    Free,
    /// Try the same request again after this wait, of 1 s to [`WAIT_MAX`].
    Wait(Duration),
    /// The limit lasts longer than [`WAIT_MAX`]: end the read as partial.
    TooLong(Duration),
}

/// Reads an answer. `attempt` counts from 0 and decides where a limit is met and nothing
/// says how long it lasts: 2 s, doubled each time, at most 64 s. `now` is used where the
/// answer has no `Date`.
pub fn pace(status: u16, headers: &HeaderMap, attempt: u32, now: Instant) -> Pace {
    if !is_limited(status, headers) {
        return Pace::Free;
    }
    let now = date(headers).unwrap_or(now);
    let unsaid = Span::seconds(2_i64 << attempt.min(5));
    let wait = said(headers, now).unwrap_or(unsaid).max(WAIT_MIN);
    if wait > WAIT_MAX {
        Pace::TooLong(wait.to_std())
    } else {
        Pace::Wait(wait.to_std())
    }
}

/// A limit also hides behind 403 (GitHub, both kinds of limit) and 503 (RFC 9110 15.6.4).
fn is_limited(status: u16, headers: &HeaderMap) -> bool {
    match status {
        429 => true,
        503 => text(headers, "retry-after").is_some(),
        403 => text(headers, "retry-after").is_some() || remaining(headers) == Some(0),
        _ => false,
    }
}

/// How many requests are left, where the answer says so.
fn remaining(headers: &HeaderMap) -> Option<u64> {
    let names = [
        "x-ratelimit-remaining",
        "x-rate-limit-remaining",
        "ratelimit-remaining",
    ];
    let plain = names.iter().find_map(|name| text(headers, name));
    let plain = plain.and_then(|value| value.trim().parse().ok());
    plain.or_else(|| parameter(headers, &["r", "remaining"])?.parse().ok())
}

/// The most specific header that can be read.
fn said(headers: &HeaderMap, now: Instant) -> Option<Span> {
    let names = [
        // RFC 9110 10.2.3.
        "retry-after",
        // Docker Hub: a unix time.
        "x-retry-after",
        // GitHub: unix; Atlassian: ISO 8601; others: seconds from now.
        "x-ratelimit-reset",
        // Okta: unix.
        "x-rate-limit-reset",
        // draft-ietf-httpapi-ratelimit-headers up to -06: seconds from now.
        "ratelimit-reset",
    ];
    let plain = names.iter().filter_map(|name| text(headers, name));
    let plain = plain.filter_map(|value| wait(value.trim(), now)).next();
    // The same draft, later: `RateLimit: "default";r=0;t=50`, or `reset=50`.
    plain.or_else(|| wait(parameter(headers, &["t", "reset"])?, now))
}

/// From this number on it is a unix time in seconds (1973); less is seconds from now.
const UNIX_SECONDS: f64 = 1e8;
/// From this number on it is a unix time in milliseconds.
const UNIX_MILLIS: f64 = 1e11;

/// Seconds from now, a unix time, an HTTP date or RFC 3339, as a wait; what has passed
/// is a wait of zero. `None` for anything else.
fn wait(value: &str, now: Instant) -> Option<Span> {
    let number = value.parse::<f64>().ok().filter(|n| n.is_finite());
    if let Some(number) = number.filter(|n| *n >= 0.0) {
        return Some(match number {
            n if n >= UNIX_MILLIS => left(n / 1e3, now),
            n if n >= UNIX_SECONDS => left(n, now),
            n => seconds(n),
        });
    }
    let at = Instant::parse(value).ok().or_else(|| http_date(value))?;
    Some(now.until(at).max(Span::ZERO))
}

/// What is left until a unix time.
fn left(unix: f64, now: Instant) -> Span {
    let now = Instant::EPOCH.until(now).as_micros();
    let left = seconds(unix).as_micros().saturating_sub(now);
    Span::from_micros(left.max(0))
}

/// Cut to 30,000 years, so that no number overflows.
fn seconds(seconds: f64) -> Span {
    #[expect(clippy::cast_possible_truncation, reason = "it was cut to what fits")]
    Span::from_micros((seconds * 1e6).min(1e18) as i64)
}

/// When the other side wrote its answer.
fn date(headers: &HeaderMap) -> Option<Instant> {
    http_date(text(headers, "date")?)
}

fn http_date(value: &str) -> Option<Instant> {
    let at = httpdate::parse_http_date(value).ok()?;
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(Instant::from_micros(i64::try_from(since.as_micros()).ok()?))
}

/// A parameter of the `RateLimit` header, under the first of its names that is there.
fn parameter<'a>(headers: &'a HeaderMap, names: &[&str]) -> Option<&'a str> {
    let value = text(headers, "ratelimit")?;
    let pairs = value.split([';', ',']).filter_map(|p| p.split_once('='));
    let mut found = pairs.filter(|(name, _)| names.contains(&name.trim()));
    found.next().map(|(_, value)| value.trim())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
#[path = "rate_tests.rs"]
mod tests;
