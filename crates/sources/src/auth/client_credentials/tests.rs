//! Against a fake of a token endpoint; answers as in RFC 6749, 5.1 and 5.2 (read
//! 2026-11-26).

use domain::kernel::Instant;
use testkit::FakeClock;

use super::*;
use crate::fakes::{Fake, answer, egress};

const NOW: Instant = Instant::from_micros(1_795_338_000_000_000);

struct Stage {
    credentials: ClientCredentials,
    clock: Arc<FakeClock>,
    fake: Fake,
}

fn fixed(text: &str) -> SecretHandle {
    SecretHandle::fixed(text)
}

async fn stage(answers: &[String], in_body: bool) -> Stage {
    let fake = Fake::start(answers).await;
    let clock = Arc::new(FakeClock::at(NOW));
    let grant = Grant {
        token_url: fake.url("/multipass/api/oauth2/token"),
        client_id: fixed("an id"),
        client_secret: fixed("s3cr:t"),
        scope: Some("api:audit-read".to_owned()),
        audience: None,
        in_body,
    };
    let credentials = ClientCredentials::new(grant, egress(), clock.clone());
    Stage {
        credentials,
        clock,
        fake,
    }
}

fn token(value: &str, life: &str) -> String {
    let body = format!(r#"{{"access_token":"{value}","token_type":"Bearer","expires_in":{life}}}"#);
    answer(200, &[], &body)
}

async fn ask(stage: &Stage) -> String {
    stage.credentials.token().await.unwrap().expose().clone()
}

#[tokio::test]
async fn a_token_is_kept_until_a_minute_before_its_end() {
    let stage = stage(&[token("a", "3600"), token("b", "3600")], false).await;
    assert_eq!(ask(&stage).await, "a");
    stage.clock.advance(Span::seconds(3539));
    assert_eq!(ask(&stage).await, "a");
    stage.clock.advance(Span::seconds(1));
    assert_eq!(ask(&stage).await, "b");
    assert_eq!(stage.fake.requests().len(), 2);
}

#[tokio::test]
async fn a_short_life_is_used_by_half() {
    let stage = stage(&[token("a", "\"60\""), token("b", "60")], false).await;
    assert_eq!(ask(&stage).await, "a");
    stage.clock.advance(Span::seconds(29));
    assert_eq!(ask(&stage).await, "a");
    stage.clock.advance(Span::seconds(1));
    assert_eq!(ask(&stage).await, "b");
}

#[tokio::test]
async fn a_refused_token_is_fetched_anew_and_its_successor_is_kept() {
    let stage = stage(&[token("a", "3600"), token("b", "null")], false).await;
    let refused = stage.credentials.token().await.unwrap();
    stage.credentials.forget(&refused).await;
    assert_eq!(ask(&stage).await, "b");
    stage.credentials.forget(&refused).await;
    assert_eq!(ask(&stage).await, "b");
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_request() {
    let stage = stage(&[token("a", "3600"), token("b", "3600")], false).await;
    let (one, two) = tokio::join!(stage.credentials.token(), stage.credentials.token());
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(stage.fake.requests().len(), 1);
}

#[tokio::test]
async fn id_and_secret_travel_in_the_header_or_in_the_form() {
    let header = stage(&[token("a", "3600")], false).await;
    ask(&header).await;
    let request = header.fake.requests().remove(0);
    let basic = BASE64_STANDARD.encode("an+id:s3cr%3At");
    assert!(
        request.contains(&format!("authorization: Basic {basic}")),
        "{request}"
    );
    assert!(request.ends_with("grant_type=client_credentials&scope=api%3Aaudit-read"));
    let form = stage(&[token("a", "3600")], true).await;
    ask(&form).await;
    let request = form.fake.requests().remove(0);
    assert!(!request.contains("authorization"), "{request}");
    assert!(
        request.ends_with("&client_id=an+id&client_secret=s3cr%3At"),
        "{request}"
    );
}

/// B69: every refusal has its class, and repeats nothing of the answer.
#[tokio::test]
async fn refusals_have_their_class_and_repeat_nothing() {
    let page = "<html>please sign in, s3cret</html>";
    let invalid = r#"{"error":"invalid_scope","error_description":"s3cret"}"#;
    let made_up = r#"{"error":"s3cret"}"#;
    for (given, class) in [
        (answer(401, &[], r#"{"error":"invalid_client"}"#), "auth"),
        (answer(400, &[], invalid), "auth"),
        (answer(403, &[], made_up), "auth"),
        (answer(200, &[], page), "unreadable"),
        (
            answer(302, &[("location", "http://evil/")], ""),
            "unreadable",
        ),
        (answer(404, &[], page), "unreadable"),
        (answer(429, &[("retry-after", "7")], page), "unavailable"),
        (answer(503, &[], page), "unavailable"),
    ] {
        let stage = stage(std::slice::from_ref(&given), false).await;
        let error = stage.credentials.token().await.unwrap_err();
        let found = match &error {
            ConnectorError::Auth(_) => "auth",
            ConnectorError::Unreadable(_) => "unreadable",
            ConnectorError::Unavailable(_) => "unavailable",
            ConnectorError::Stopped | ConnectorError::NoPreview => "stopped",
        };
        assert_eq!(found, class, "{given}");
        let sentence = error.to_string();
        assert!(
            !sentence.contains("s3cr") && !sentence.contains("evil"),
            "{sentence}"
        );
    }
    let scope = stage(&[answer(400, &[], invalid)], false).await;
    let sentence = scope.credentials.token().await.unwrap_err().to_string();
    assert!(sentence.contains("400 (invalid_scope)"), "{sentence}");
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_asks_nobody() {
    let mut stage = stage(&[token("a", "3600")], false).await;
    stage.credentials.grant.client_secret =
        SecretHandle::new(|| Err("the file is gone".to_owned()));
    let error = stage.credentials.token().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unavailable(_)), "{error}");
    assert!(stage.fake.requests().is_empty());
}
