//! What does the receiver's answer mean, in the manners of its format?
//!
//! Pure: a response in, a verdict out. Of a body only a known word is repeated.

use app::ports::{Cause, DeliveryError, Receipt, Verdict};
use domain::kernel::Instant;
use egress::Response;
use serde_json::Value;

use super::Format;
use crate::answer;
use crate::failure::failure;
use crate::post::json;

/// What Slack says when a room or a webhook is gone for good.
const SLACK_GONE: [&str; 5] = [
    "no_service",
    "no_team",
    "channel_not_found",
    "channel_is_archived",
    "invalid_token",
];
/// What a Teams workflow says that is gone or was turned off.
const TEAMS_GONE: [&str; 3] = [
    "WorkflowTriggerIsNotEnabled",
    "WorkflowNotFound",
    "DirectApiAuthorizationRequired",
];
/// Discord's codes for "Unknown Webhook" and "Invalid Webhook Token".
const DISCORD_GONE: [u64; 2] = [10_015, 50_027];

/// Judges an answer received at `now`.
pub(super) fn judge(
    response: &Response,
    format: Format,
    now: Instant,
) -> Result<Receipt, DeliveryError> {
    let refused = match format {
        Format::Slack => slack(response),
        Format::Teams => teams(response),
        Format::Discord => discord(response),
        Format::Apprise => apprise(response),
        Format::Mattermost
        | Format::Ntfy
        | Format::Standard
        | Format::CloudEvents
        | Format::Alertmanager => None,
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
    if open && format.is_for_people() {
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
    if let Ok(json) = serde_json::from_slice::<Value>(&response.body) {
        let refused = json.get("ok") == Some(&Value::Bool(false));
        let error = json.get("error").and_then(Value::as_str);
        return refused.then(|| word(error.unwrap_or("refused")));
    }
    let text = response.excerpt(200);
    let known = SLACK_GONE.iter().find(|gone| text.trim() == **gone);
    known.map(|gone| (*gone).to_owned())
}

fn word(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || *c == '_')
        .take(40)
        .collect()
}

fn teams(response: &Response) -> Option<(Verdict, String)> {
    let code = json(response)["error"]["code"].as_str()?.to_owned();
    let gone = TEAMS_GONE.iter().find(|gone| **gone == code)?;
    let said = format!("{gone}; does the workflow's owner still work here?");
    Some((Verdict::ChannelBroken, said))
}

fn discord(response: &Response) -> Option<(Verdict, String)> {
    let code = json(response)["code"].as_u64()?;
    DISCORD_GONE.contains(&code).then(|| {
        (
            Verdict::ChannelBroken,
            format!("the webhook is gone ({code})"),
        )
    })
}

/// 204 means that no service is configured under this key and tag, 424 that one of them
/// failed: nobody, or not everybody, was told.
fn apprise(response: &Response) -> Option<(Verdict, String)> {
    match response.status {
        204 => Some((
            Verdict::RetryTwice,
            "no service is configured under this key and tag".to_owned(),
        )),
        424 => Some((
            Verdict::Retry { after: None },
            "one of its services did not take the message".to_owned(),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::answered;

    fn verdict(format: Format, status: u16, body: &str) -> Option<Verdict> {
        judge(&answered(status, None, body), format, Instant::EPOCH)
            .err()
            .map(|e| e.verdict)
    }

    /// B59: a chat that answers 200 and `ok: false` has not taken the message.
    #[test]
    fn slack_says_no_in_its_own_ways() {
        let slack = |status, body| verdict(Format::Slack, status, body);
        assert_eq!(slack(200, "ok"), None);
        assert_eq!(slack(200, r#"{"ok":true}"#), None);
        for (status, body) in [
            (200, r#"{"ok":false,"error":"channel_is_archived"}"#),
            (404, "no_service"),
            (403, "invalid_token"),
        ] {
            assert_eq!(slack(status, body), Some(Verdict::ChannelBroken), "{body}");
        }
        let fatal = r#"{"ok":false,"error":"fatal"}"#;
        assert_eq!(slack(200, fatal), Some(Verdict::RetryTwice));
        assert_eq!(verdict(Format::Standard, 200, r#"{"ok":false}"#), None);
    }

    /// B59: an Apprise server that has nobody to tell, or did not reach everybody, says
    /// so by a 2xx and a 4xx of its own.
    #[test]
    fn a_bridge_that_told_nobody_has_not_delivered() {
        let apprise = |status| verdict(Format::Apprise, status, "");
        assert_eq!(apprise(200), None);
        assert_eq!(apprise(204), Some(Verdict::RetryTwice));
        assert_eq!(apprise(424), Some(Verdict::Retry { after: None }));
        assert_eq!(verdict(Format::Discord, 204, ""), None);
    }

    /// T22: rooms that are gone break the channel at once.
    #[test]
    fn rooms_that_are_gone_break_the_channel_at_once() {
        let flow = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"x"}}"#;
        let hook = r#"{"message":"Unknown Webhook","code":10015}"#;
        let broken = Some(Verdict::ChannelBroken);
        assert_eq!(verdict(Format::Teams, 400, flow), broken);
        assert_eq!(verdict(Format::Discord, 404, hook), broken);
        assert_eq!(verdict(Format::Teams, 202, ""), None);
        assert_eq!(verdict(Format::Teams, 413, "{}"), Some(Verdict::RetryTwice));
        assert_eq!(
            verdict(Format::Discord, 429, r#"{"retry_after":1}"#),
            Some(Verdict::Retry { after: None })
        );
    }
}
