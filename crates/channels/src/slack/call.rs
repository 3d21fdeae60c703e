//! What comes back from buttons: is it Slack, and what was chosen?
//!
//! Pure but for the answer. The signature covers time and body, and a call older than
//! five minutes is refused, so that one that was overheard is of no use.

use app::ports::{Act, Call, CallError};
use aws_lc_rs::hmac;
use domain::kernel::{AlertId, Secret, Span};
use egress::{Egress, Request, Trust};
use http::{HeaderValue, Method, header};
use serde_json::Value;

/// So far a call's time may lie from ours.
const WINDOW: Span = Span::minutes(5);

/// What was chosen, and by whom.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub user: String,
    pub alert: AlertId,
    pub act: Act,
    pub reply_to: Option<String>,
}

/// Reads a call.
///
/// # Errors
/// Not signed by Slack now, or nothing we know.
pub(super) fn read(call: &Call, secret: &Secret<String>) -> Result<Chosen, CallError> {
    prove(call, secret)?;
    let payload = form_field(&call.body, "payload").ok_or(CallError::NotUnderstood)?;
    let payload: Value = serde_json::from_str(&payload).map_err(|_| CallError::NotUnderstood)?;
    choice(&payload).ok_or(CallError::NotUnderstood)
}

fn prove(call: &Call, secret: &Secret<String>) -> Result<(), CallError> {
    let header = |name: &str| call.headers.get(name).map(String::as_str);
    let stamp = header("x-slack-request-timestamp").ok_or(CallError::NotProven)?;
    let seconds: i64 = stamp.parse().map_err(|_| CallError::NotProven)?;
    let apart = call.now.as_seconds().abs_diff(seconds);
    if i64::try_from(apart).map_or(true, |apart| apart > WINDOW.as_seconds()) {
        return Err(CallError::NotProven);
    }
    let given = header("x-slack-signature").and_then(|s| s.strip_prefix("v0="));
    let given = given.and_then(unhex).ok_or(CallError::NotProven)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().trim().as_bytes());
    let mut signed = format!("v0:{stamp}:").into_bytes();
    signed.extend_from_slice(&call.body);
    // Compares in constant time.
    hmac::verify(&key, &signed, &given).map_err(|_| CallError::NotProven)
}

fn choice(payload: &Value) -> Option<Chosen> {
    let action = payload["actions"].get(0)?;
    let act = match (payload["type"].as_str()?, action["action_id"].as_str()?) {
        ("block_actions", "acknowledge") => Act::Acknowledge,
        ("block_actions", "snooze") => Act::Snooze(Span::days(1)),
        ("block_actions", "let_lapse") => Act::LetLapse,
        _ => return None,
    };
    let user = payload["user"]["id"].as_str()?;
    let is_id = user.len() <= 40 && user.bytes().all(|b| b.is_ascii_alphanumeric());
    Some(Chosen {
        user: Some(user).filter(|_| is_id)?.to_owned(),
        alert: AlertId::parse(action["value"].as_str()?).ok()?,
        act,
        reply_to: payload["response_url"].as_str().map(str::to_owned),
    })
}

/// One field of a form body.
fn form_field(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, value) = text
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)?;
    percent_decoded(value)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2);
    let bytes = pairs.map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
    bytes.collect()
}

/// Tells whoever pressed the button, and nobody else. Best effort: what was done stands
/// whether or not this arrives.
pub(super) async fn reply(egress: &Egress, url: &str, said: &Value) {
    let Ok(target) = egress.target(url, Trust::Guarded) else {
        return;
    };
    let json = HeaderValue::from_static("application/json");
    let request = Request::new(Method::POST, target)
        .header(header::CONTENT_TYPE, json)
        .body(said.to_string());
    if let Err(error) = egress.send(request, Trust::Guarded).await {
        tracing::debug!(%error, "a reply to a button did not arrive");
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::Instant;

    use super::*;

    /// The example of docs.slack.dev, "Verifying requests from Slack", as of 2026-11-22.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const STAMP: i64 = 1_531_420_618;

    fn call(at: i64, signature: &str, body: &str) -> Call {
        let header = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Call {
            now: Instant::from_micros(at * 1_000_000),
            headers: [
                ("x-slack-request-timestamp", "1531420618"),
                ("x-slack-signature", signature),
            ]
            .map(header)
            .into(),
            body: body.to_owned().into(),
        }
    }

    fn proven(at: i64, signature: &str, body: &str) -> bool {
        prove(&call(at, signature, body), &Secret::new(SECRET.to_owned())).is_ok()
    }

    #[test]
    fn the_documented_example_is_proven_within_five_minutes() {
        for (late, fits) in [
            (0, true),
            (300, true),
            (-300, true),
            (301, false),
            (-301, false),
        ] {
            assert_eq!(proven(STAMP + late, SIGNATURE, BODY), fits, "{late}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        let other = SIGNATURE.replace("a2114d", "a2114e");
        for (signature, body) in [
            (other.as_str(), BODY),
            (SIGNATURE, "token=other"),
            ("", BODY),
            ("v0=", BODY),
            ("v0=zz", BODY),
            (&SIGNATURE["v0=".len()..], BODY),
        ] {
            assert!(!proven(STAMP, signature, body), "{signature}");
        }
    }

    #[test]
    fn a_form_field_is_decoded() {
        let field = |body: &str| form_field(body.as_bytes(), "payload");
        assert_eq!(
            field("a=b&payload=%7B%22x%22+%C3%A9%7D"),
            Some("{\"x\" é}".to_owned())
        );
        for bad in [
            "payload",
            "payload=%",
            "payload=%4",
            "payload=%zz",
            "payload=%ff",
        ] {
            assert_eq!(field(bad), None, "{bad}");
        }
    }
}
