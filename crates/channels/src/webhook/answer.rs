//! What does the receiver's answer mean?
//!
//! Pure: a response in, a verdict out.

use std::time::SystemTime;

use app::ports::{Cause, DeliveryError, Receipt, Verdict};
use domain::kernel::Span;
use egress::{Response, parse_retry_after};

use super::Format;
use crate::failure::{RETRY, failure};

/// What Slack says when a room or a webhook is gone for good.
const SLACK_GONE: [&str; 5] = [
    "no_service",
    "no_team",
    "channel_not_found",
    "channel_is_archived",
    "invalid_token",
];

/// Judges an answer received at `now`.
pub(super) fn judge(
    response: &Response,
    format: Format,
    now: SystemTime,
) -> Result<Receipt, DeliveryError> {
    let status = response.status;
    let said = format!("the receiver answered {status}");
    if format == Format::Slack
        && let Some(word) = slack_refusal(response)
    {
        let verdict = if SLACK_GONE.contains(&word.as_str()) {
            Verdict::ChannelBroken
        } else {
            Verdict::RetryTwice
        };
        return Err(failure(
            verdict,
            Cause::Rejected,
            &format!("{said}: {word}"),
        ));
    }
    let (verdict, cause) = match status {
        200..=299 => {
            return Ok(Receipt {
                said: format!("HTTP {status}"),
            });
        }
        410 => (Verdict::ChannelBroken, Cause::Gone),
        429 => (
            Verdict::Retry {
                after: asked(response, now),
            },
            Cause::RateLimited,
        ),
        401 | 403 | 407 => (Verdict::RetryTwice, Cause::Auth),
        404 => (Verdict::RetryTwice, Cause::Gone),
        408 | 425 => (RETRY, Cause::Timeout),
        500..=599 => (
            Verdict::Retry {
                after: asked(response, now),
            },
            Cause::Server,
        ),
        // Redirects among them: where they point is never asked.
        _ => (Verdict::RetryTwice, Cause::Rejected),
    };
    Err(failure(verdict, cause, &words(status, &said)))
}

/// A lost answer leaves it open whether a chat room shows the message already;
/// everybody else drops an id that was seen, so trying again is harmless.
pub(super) fn lost(error: DeliveryError, format: Format) -> DeliveryError {
    let open = matches!(error.cause, Cause::Timeout | Cause::Server);
    if open && format == Format::Slack {
        return DeliveryError {
            verdict: Verdict::Ambiguous,
            ..error
        };
    }
    error
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
fn asked(response: &Response, now: SystemTime) -> Option<Span> {
    let wait = parse_retry_after(response.header("retry-after")?, now)?;
    i64::try_from(wait.as_secs()).ok().map(Span::seconds)
}

/// Slack's word of refusal: in a 200 with `"ok":false`, or as the text of a 4xx.
fn slack_refusal(response: &Response) -> Option<String> {
    let text = response.excerpt(200);
    let word = |w: &str| {
        w.trim()
            .chars()
            .filter(|c| c.is_ascii_lowercase() || *c == '_')
            .take(40)
            .collect::<String>()
    };
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(&response.body) {
        let refused = json.get("ok") == Some(&serde_json::Value::Bool(false));
        let error = json
            .get("error")
            .and_then(serde_json::Value::as_str)
            .unwrap_or("refused");
        return refused.then(|| word(error));
    }
    let known = SLACK_GONE.iter().find(|gone| text.trim() == **gone);
    known.map(|gone| (*gone).to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn response(status: u16, retry_after: Option<&str>, body: &str) -> Response {
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

    fn verdict(status: u16, retry_after: Option<&str>) -> Verdict {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_338_000);
        judge(&response(status, retry_after, ""), Format::Standard, now)
            .unwrap_err()
            .verdict
    }

    /// B58: 410 ends the endpoint; the others have their verdicts.
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

    /// B56: what the receiver asks for is kept within a day, nonsense is ignored.
    #[test]
    fn retry_after_is_passed_on_within_a_day() {
        for (value, want) in [
            ("120", Some(Span::seconds(120))),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(Span::days(1))),
            ("-1", None),
            ("1e300", None),
            ("inf", None),
        ] {
            assert_eq!(
                verdict(429, Some(value)),
                Verdict::Retry { after: want },
                "{value}"
            );
            assert_eq!(
                verdict(503, Some(value)),
                Verdict::Retry { after: want },
                "{value}"
            );
        }
    }

    /// B59: a chat that answers 200 and `ok: false` has not taken the message.
    #[test]
    fn slack_says_no_in_its_own_ways() {
        let judge = |status, body| {
            judge(
                &response(status, None, body),
                Format::Slack,
                SystemTime::UNIX_EPOCH,
            )
        };
        assert!(judge(200, "ok").is_ok());
        assert!(judge(200, r#"{"ok":true}"#).is_ok());
        let refused = judge(200, r#"{"ok":false,"error":"channel_is_archived"}"#).unwrap_err();
        assert_eq!(refused.verdict, Verdict::ChannelBroken);
        assert_eq!(
            judge(404, "no_service").unwrap_err().verdict,
            Verdict::ChannelBroken
        );
        assert_eq!(
            judge(200, r#"{"ok":false,"error":"fatal"}"#)
                .unwrap_err()
                .verdict,
            Verdict::RetryTwice
        );
        assert!(
            super::judge(
                &response(200, None, r#"{"ok":false}"#),
                Format::Standard,
                SystemTime::UNIX_EPOCH
            )
            .is_ok()
        );
    }
}
