//! Webhooks against receivers that answer from a script.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use app::ports::{Cause, Channel, DeliveryError, MessageContent, Receipt, Verdict};
use channels::webhook::{BODY_MAX, Format, WebhookError};
use channels::{WebhookChannel, WebhookSettings};
use domain::expiry::Step;
use domain::kernel::{ChannelId, Secret, Span};
use domain::notice::MessageKind;
use egress::{Egress, Settings};
use serde_json::Value;
use support::http_fake::HttpFake;
use support::{channel_sick, ci_deploy, content, egress, notices, now, resolved};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OLD: &str = "whsec_Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

fn settings(url: &str, format: Format, secrets: &[&str]) -> WebhookSettings {
    let id = ChannelId::parse("hook").unwrap();
    WebhookSettings {
        secrets: secrets
            .iter()
            .map(|s| Secret::new((*s).to_owned()))
            .collect(),
        format,
        ..WebhookSettings::new(id, Secret::new(url.to_owned()))
    }
}

fn hook(url: &str, format: Format) -> WebhookChannel {
    WebhookChannel::new(&settings(url, format, &[SECRET, OLD]), egress(None, 700)).unwrap()
}

async fn send(
    channel: &WebhookChannel,
    content: &MessageContent,
) -> Result<Receipt, DeliveryError> {
    let payload = channel.render(content).unwrap();
    channel.send(&content.id, &payload, now()).await
}

fn body(format: Format, content: &MessageContent) -> Value {
    serde_json::from_str(
        &hook("http://127.0.0.1:9000/", format)
            .render(content)
            .unwrap(),
    )
    .unwrap()
}

#[tokio::test]
async fn a_message_carries_the_headers_of_standard_webhooks() {
    let fake = HttpFake::status(204, "").await;
    let receipt = send(
        &hook(&fake.url(), Format::Standard),
        &notices(vec![ci_deploy()]),
    )
    .await
    .unwrap();
    assert_eq!(receipt.said, "HTTP 204");
    let received = fake.received().remove(0);
    assert!(received.head.starts_with("POST /hook?key=s3cret HTTP/1.1"));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("webhook-id"), Some("msg_0TestMessage"));
    assert_eq!(received.header("webhook-timestamp"), Some("1795338000"));
    let signatures: Vec<&str> = received
        .header("webhook-signature")
        .unwrap()
        .split(' ')
        .collect();
    assert_eq!(
        signatures.len(),
        2,
        "the old secret signs too while receivers change over"
    );
    assert!(signatures.iter().all(|s| s.starts_with("v1,")));
    assert!(
        received
            .header("user-agent")
            .unwrap()
            .starts_with("Forewarn/")
    );
}

#[test]
fn the_body_says_which_credential_and_which_step() {
    insta::assert_json_snapshot!(
        "standard_expiring",
        body(Format::Standard, &notices(vec![ci_deploy()]))
    );
    let mut ended = ci_deploy();
    ended.step = Step::AfterEnd(Span::days(1));
    for (item, want) in [
        (ci_deploy(), "credential.expiring"),
        (ended, "credential.expired"),
        (resolved(), "credential.resolved"),
        (channel_sick(), "channel.degraded"),
    ] {
        assert_eq!(body(Format::Standard, &notices(vec![item]))["type"], want);
    }
    assert_eq!(
        body(Format::Standard, &content(MessageKind::Test, Vec::new()))["type"],
        "test.ping"
    );
    assert_eq!(
        body(Format::Standard, &notices(vec![ci_deploy(), resolved()]))["type"],
        "credential.digest"
    );
    assert_eq!(
        body(
            Format::Standard,
            &content(MessageKind::Baseline, vec![ci_deploy()])
        )["type"],
        "credential.digest"
    );
}

#[test]
fn the_other_formats_are_those_their_receivers_know() {
    let both = notices(vec![ci_deploy(), channel_sick()]);
    insta::assert_json_snapshot!(
        "cloudevents",
        body(Format::CloudEvents, &notices(vec![resolved()]))
    );
    insta::assert_json_snapshot!("alertmanager", body(Format::Alertmanager, &both));
    insta::assert_json_snapshot!("slack", body(Format::Slack, &both));
    for format in [Format::CloudEvents, Format::Alertmanager, Format::Slack] {
        assert!(body(format, &content(MessageKind::Test, Vec::new())).is_object());
    }
}

/// T18: a large digest is cut to 20 kb and says so.
#[test]
fn a_large_digest_is_cut_to_20_kb_and_says_so() {
    let large = notices(vec![ci_deploy(); 500]);
    for format in [
        Format::Standard,
        Format::CloudEvents,
        Format::Alertmanager,
        Format::Slack,
    ] {
        let payload = hook("http://127.0.0.1:9000/", format)
            .render(&large)
            .unwrap();
        assert!(payload.len() <= BODY_MAX, "{format:?}: {}", payload.len());
    }
    let shown = body(Format::Standard, &large);
    let items = shown["data"]["items"].as_array().unwrap().len();
    assert!(items > 5);
    assert_eq!(shown["data"]["truncated"], 500 - items);
}

#[test]
fn a_credential_of_which_too_much_is_told_still_fits() {
    let mut item = ci_deploy();
    let facts = item.credential.as_mut().unwrap();
    facts.scopes = vec!["s".repeat(5_000); 50];
    facts.external_id = "é".repeat(50_000);
    facts.owner = Some(("per_x".to_owned(), "\u{1}".repeat(50_000)));
    facts.advice = vec!["a".repeat(50_000)];
    item.detail = Some("d".repeat(50_000));
    for format in [
        Format::Standard,
        Format::CloudEvents,
        Format::Alertmanager,
        Format::Slack,
    ] {
        let payload = hook("http://127.0.0.1:9000/", format)
            .render(&notices(vec![item.clone(); 3]))
            .unwrap();
        assert!(payload.len() <= BODY_MAX, "{format:?}: {}", payload.len());
    }
}

/// S7, B55: a redirect is a failure, not a way.
#[tokio::test]
async fn redirects_are_failures() {
    let inner = HttpFake::status(200, "").await;
    for status in [301, 302, 307, 308] {
        let fake = HttpFake::status(status, &format!("location: {}\r\n", inner.url())).await;
        let error = send(
            &hook(&fake.url(), Format::Standard),
            &notices(vec![ci_deploy()]),
        )
        .await
        .unwrap_err();
        assert_eq!(
            (error.verdict, error.cause),
            (Verdict::RetryTwice, Cause::Rejected)
        );
        assert!(error.detail.contains("redirect"), "{error}");
    }
    assert!(inner.received().is_empty());
}

/// S7, B56, B58: 410 ends the endpoint, 429 and 503 are waited for.
#[tokio::test]
async fn answers_lead_to_their_verdicts() {
    for (status, headers, want) in [
        (410, "", Verdict::ChannelBroken),
        (404, "", Verdict::RetryTwice),
        (
            429,
            "retry-after: 120\r\n",
            Verdict::Retry {
                after: Some(Span::seconds(120)),
            },
        ),
        (
            503,
            "retry-after: 1e300\r\n",
            Verdict::Retry { after: None },
        ),
        (500, "", Verdict::Retry { after: None }),
    ] {
        let fake = HttpFake::status(status, headers).await;
        let error = send(
            &hook(&fake.url(), Format::Standard),
            &notices(vec![ci_deploy()]),
        )
        .await
        .unwrap_err();
        assert_eq!(error.verdict, want, "{status}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

/// F26: a receiver that hangs costs its limit and nothing more; the same bytes go again.
#[tokio::test]
async fn a_hanging_receiver_is_tried_again_with_the_same_id() {
    let fake = HttpFake::start("hang").await;
    let content = notices(vec![ci_deploy()]);
    for (format, want) in [
        (Format::Standard, Verdict::Retry { after: None }),
        (Format::Slack, Verdict::Ambiguous),
    ] {
        let error = send(&hook(&fake.url(), format), &content)
            .await
            .unwrap_err();
        assert_eq!((error.verdict, error.cause), (want, Cause::Timeout));
    }
    let error = send(&hook(&fake.url(), Format::Standard), &content)
        .await
        .unwrap_err();
    assert_eq!(error.cause, Cause::Timeout);
    let received = fake.received();
    assert_eq!(
        received[0].header("webhook-id"),
        received[2].header("webhook-id")
    );
    assert_eq!(received[0].body, received[2].body);
}

/// A dead host can never leave a chat message in doubt: nothing was asked yet.
#[tokio::test]
async fn a_receiver_that_is_not_there_is_simply_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    for format in [Format::Standard, Format::Slack] {
        let error = send(&hook(&url, format), &notices(vec![ci_deploy()]))
            .await
            .unwrap_err();
        assert_eq!(
            (error.verdict, error.cause),
            (Verdict::Retry { after: None }, Cause::Unreachable)
        );
    }
}

/// L28, B52, B53: a target inside is refused when the channel is made, and again when it is used.
#[tokio::test]
async fn inside_targets_are_refused_at_save_and_at_send() {
    let strict = || Egress::new(Settings::default()).unwrap();
    for url in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://localhost./",
        "ftp://x.example/",
        "http://u:p@x.example/",
    ] {
        let refused = WebhookChannel::new(&settings(url, Format::Standard, &[SECRET]), strict());
        assert!(matches!(refused, Err(WebhookError::Url(_))), "{url}");
    }
    let lookup = support::name_of_loopback();
    let egress = Egress::with_lookup(Settings::default(), lookup).unwrap();
    let named = WebhookChannel::new(
        &settings("http://inside.example/", Format::Standard, &[SECRET]),
        egress,
    )
    .unwrap();
    let error = send(&named, &notices(vec![ci_deploy()])).await.unwrap_err();
    assert_eq!(
        (error.verdict, error.cause),
        (Verdict::ChannelBroken, Cause::Forbidden)
    );
}

/// L31: bodies that programs act on must be signed.
#[test]
fn bodies_that_programs_act_on_must_be_signed() {
    let make = |format| {
        WebhookChannel::new(
            &settings("http://127.0.0.1:9000/", format, &[]),
            egress(None, 700),
        )
    };
    assert!(matches!(
        make(Format::Standard),
        Err(WebhookError::Unsigned)
    ));
    assert!(matches!(
        make(Format::CloudEvents),
        Err(WebhookError::Unsigned)
    ));
    assert!(make(Format::Slack).is_ok() && make(Format::Alertmanager).is_ok());
}

/// T17, B16: in Slack, names mention nobody.
#[test]
fn names_mention_nobody_in_slack() {
    let mut item = ci_deploy();
    item.credential.as_mut().unwrap().name = "<!channel> <https://evil.example|renew>".to_owned();
    let said = body(Format::Slack, &notices(vec![item])).to_string();
    assert!(
        !said.contains("<!channel>") && !said.contains("<https://evil.example"),
        "{said}"
    );
}
