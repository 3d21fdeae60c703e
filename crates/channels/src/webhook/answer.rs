//! What does the receiver's answer mean, in the manners of its format?
//!
//! Pure: a response in, a verdict out.

use app::ports::{Cause, DeliveryError, Receipt, Verdict};
use domain::kernel::Instant;
use egress::Response;

use super::Format;
use crate::answer;
use crate::failure::failure;

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
    now: Instant,
) -> Result<Receipt, DeliveryError> {
    let refused = match format {
        Format::Slack => slack(response),
        _ => None,
    };
    match refused {
        Some((verdict, word)) => {
            let said = format!("the receiver answered {}: {word}", response.status);
            Err(failure(verdict, Cause::Rejected, &said))
        }
        None => answer::judge(response, now),
    }
}

/// A lost answer leaves it open whether a chat room shows the message already;
/// everybody else drops an id that was seen, so trying again is harmless.
pub(super) fn lost(error: DeliveryError, format: Format) -> DeliveryError {
    let open = matches!(error.cause, Cause::Timeout | Cause::Server);
    if open && format.is_shown_twice() {
        return DeliveryError {
            verdict: Verdict::Ambiguous,
            ..error
        };
    }
    error
}

/// Slack's word of refusal: in a 200 with `"ok":false`, or as the text of a 4xx.
fn slack(response: &Response) -> Option<(Verdict, String)> {
    let word = slack_word(response)?;
    let verdict = if SLACK_GONE.contains(&word.as_str()) {
        Verdict::ChannelBroken
    } else {
        Verdict::RetryTwice
    };
    Some((verdict, word))
}

fn slack_word(response: &Response) -> Option<String> {
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
    use super::*;
    use crate::answer::answered;

    /// B59: a chat that answers 200 and `ok: false` has not taken the message.
    #[test]
    fn slack_says_no_in_its_own_ways() {
        let judge =
            |status, body| judge(&answered(status, None, body), Format::Slack, Instant::EPOCH);
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
        let body = answered(200, None, r#"{"ok":false}"#);
        assert!(super::judge(&body, Format::Standard, Instant::EPOCH).is_ok());
    }
}
