//! What does a status over HTTP mean, where nothing of the body needs to be read?
//!
//! Pure: a response in, a verdict out. Never repeats a body.

use std::time::{Duration, SystemTime};

use app::ports::{Cause, DeliveryError, Receipt, Verdict};
use domain::kernel::{Instant, Span};
use egress::{Response, parse_retry_after};

use crate::failure::{RETRY, failure};

/// Judges an answer received at `now` by its status alone: 2xx is success.
pub(crate) fn judge(response: &Response, now: Instant) -> Result<Receipt, DeliveryError> {
    let status = response.status;
    let said = format!("the receiver answered {status}");
    let later = || Verdict::Retry {
        after: asked(response, now),
    };
    let (verdict, cause) = match status {
        200..=299 => {
            return Ok(Receipt {
                said: format!("HTTP {status}"),
            });
        }
        410 => (Verdict::ChannelBroken, Cause::Gone),
        429 => (later(), Cause::RateLimited),
        401 | 403 | 407 => (Verdict::RetryTwice, Cause::Auth),
        404 => (Verdict::RetryTwice, Cause::Gone),
        408 | 425 => (RETRY, Cause::Timeout),
        500..=599 => (later(), Cause::Server),
        // Redirects among them: where they point is never asked.
        _ => (Verdict::RetryTwice, Cause::Rejected),
    };
    Err(failure(verdict, cause, &words(status, &said)))
}

fn words(status: u16, said: &str) -> String {
    match status {
        300..=399 => {
            format!("{said}, a redirect, which is not followed; set `url` to where it leads")
        }
        401 | 403 => format!("{said}; look at the receiver's own credentials"),
        404 => format!("{said}; is `url` still right?"),
        410 => format!("{said}: it asks never to be called again"),
        _ => said.to_owned(),
    }
}

/// The wait the receiver asked for, already within a day.
fn asked(response: &Response, now: Instant) -> Option<Span> {
    let wait = parse_retry_after(response.header("retry-after")?, clock(now))?;
    i64::try_from(wait.as_secs()).ok().map(Span::seconds)
}

fn clock(now: Instant) -> SystemTime {
    let since = u64::try_from(now.as_micros()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_micros(since)
}

/// An answer as a receiver would give it.
#[cfg(test)]
pub(crate) fn answered(status: u16, retry_after: Option<&str>, body: &str) -> Response {
    let mut headers = http::HeaderMap::new();
    if let Some(value) = retry_after {
        headers.insert("retry-after", value.parse().unwrap());
    }
    Response {
        status,
        headers,
        body: body.to_owned().into(),
        truncated: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, retry_after: Option<&str>) -> Verdict {
        let now = Instant::parse("2026-11-22T09:00:00Z").unwrap();
        judge(&answered(status, retry_after, ""), now)
            .unwrap_err()
            .verdict
    }

    /// T7, B58: 410 ends the endpoint; the others have their verdicts.
    #[test]
    fn statuses_have_their_verdicts() {
        assert_eq!(verdict(410, None), Verdict::ChannelBroken);
        for twice in [301, 302, 307, 308, 400, 401, 403, 404, 405, 413, 422] {
            assert_eq!(verdict(twice, None), Verdict::RetryTwice, "{twice}");
        }
        for again in [408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(verdict(again, None), RETRY, "{again}");
        }
    }

    /// S7, B56: what the receiver asks for is kept within a day, nonsense is ignored.
    #[test]
    fn retry_after_is_passed_on_within_a_day() {
        for (value, want) in [
            ("120", Some(Span::seconds(120))),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(Span::days(1))),
            ("-1", None),
            ("1e300", None),
            ("inf", None),
        ] {
            for status in [429, 503] {
                assert_eq!(
                    verdict(status, Some(value)),
                    Verdict::Retry { after: want },
                    "{value}"
                );
            }
        }
    }
}
