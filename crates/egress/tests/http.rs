//! The guarded client against servers that misbehave.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod fakes;

use std::time::Duration;

use egress::{Egress, EgressError, Request, Response, RetryVerdict, Settings, Trust};
use fakes::{Act, Fake, ScriptedLookup, open_egress};
use http::Method;

async fn get(egress: &Egress, url: &str, trust: Trust) -> Result<Response, EgressError> {
    let target = egress.target(url, trust).unwrap();
    egress
        .send(Request::new(Method::POST, target).body("{}"), trust)
        .await
}

async fn get_from(fake: &Fake) -> Result<Response, EgressError> {
    get(&open_egress(2_000), &fake.url(), Trust::Guarded).await
}

/// S7, B55: a redirect is an answer; where it points is never asked.
#[tokio::test]
async fn redirects_are_not_followed() {
    let inner = Fake::start(Act::Say(
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(),
    ))
    .await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!(
            "HTTP/1.1 {status} Moved\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
            inner.url()
        );
        let fake = Fake::start(Act::Say(head.into_bytes())).await;
        assert_eq!(get_from(&fake).await.unwrap().status, status);
    }
    assert_eq!(inner.hits(), 0);
}

/// B57: a body without end is cut at 64 KiB.
#[tokio::test]
async fn an_endless_body_is_cut() {
    let response = get_from(&Fake::start(Act::Endless).await).await.unwrap();
    assert_eq!(
        (response.status, response.body.len(), response.truncated),
        (200, Request::BODY_MAX, true)
    );
}

/// B57: headers without end, no answer, one byte at a time, and noise fail in their class and in time.
#[tokio::test]
async fn answers_that_are_none_fail_in_their_class() {
    let endless = get_from(&Fake::start(Act::EndlessHeaders).await)
        .await
        .unwrap_err();
    assert_eq!(endless.class(), "bad_response", "{endless}");
    let noise = get_from(&Fake::start(Act::Say(b"220 mail ready\r\n".to_vec())).await)
        .await
        .unwrap_err();
    assert_eq!(noise.class(), "bad_response", "{noise}");
    let closed = get_from(&Fake::start(Act::Say(Vec::new())).await)
        .await
        .unwrap_err();
    assert_eq!(closed.class(), "bad_response", "{closed}");
    for act in [Act::Hang, Act::Drip(Duration::from_millis(40))] {
        let fake = Fake::start(act).await;
        let slow = get(&open_egress(300), &fake.url(), Trust::Guarded)
            .await
            .unwrap_err();
        assert_eq!(
            (slow.class(), slow.verdict()),
            ("timeout", RetryVerdict::Retry)
        );
    }
}

/// T16: a closed port is a connect failure and no error prints the url.
#[tokio::test]
async fn a_closed_port_is_a_connect_failure_and_no_error_prints_the_url() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/path?key=s3cret", listener.local_addr().unwrap());
    drop(listener);
    let error = get(&open_egress(2_000), &url, Trust::Guarded)
        .await
        .unwrap_err();
    assert_eq!(error.class(), "connect");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

fn scripted(answers: &[&[&str]], allow: &str) -> Egress {
    let allow_cidrs = vec![allow.parse().unwrap()];
    let settings = Settings {
        allow_cidrs,
        total_timeout: Duration::from_secs(2),
        ..Settings::default()
    };
    Egress::with_lookup(settings, ScriptedLookup::new(answers)).unwrap()
}

/// S6, B54: a name that turns to an inside address between two messages is refused at the second.
#[tokio::test]
async fn a_rebound_name_is_refused_at_the_connect() {
    let fake = Fake::start(Act::Say(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())).await;
    let egress = scripted(
        &[&["127.0.0.9"], &["10.0.0.1"], &["169.254.169.254", "::1"]],
        "127.0.0.9/32",
    );
    let url = format!("http://rebind.example:{}/", fake.address.port());
    // The first answer is permitted and nothing listens there.
    assert_eq!(
        get(&egress, &url, Trust::Guarded)
            .await
            .unwrap_err()
            .class(),
        "connect"
    );
    for _ in 0..2 {
        let refused = get(&egress, &url, Trust::Guarded).await.unwrap_err();
        assert_eq!(
            (refused.class(), refused.verdict()),
            ("refused", RetryVerdict::GiveUp),
            "{refused}"
        );
    }
    assert_eq!(fake.hits(), 0);
}

/// What may be said twice goes over the connection that its forerunner left; what may not
/// gets one of its own, because a connection may be hung up just when it is used again.
#[tokio::test]
async fn only_what_may_be_said_twice_shares_a_connection() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec();
    let fake = Fake::start(Act::SayEachTime(answer)).await;
    let egress = open_egress(2_000);
    for (repeatable, connections) in [(true, 1), (true, 1), (false, 2), (false, 3), (true, 3)] {
        let target = egress.target(&fake.url(), Trust::Guarded).unwrap();
        let mut request = Request::new(Method::POST, target);
        request.repeatable = repeatable;
        let response = egress.send(request, Trust::Guarded).await.unwrap();
        assert_eq!((response.status, fake.hits()), (200, connections));
    }
}

/// S6, B54: of a mixed answer only the permitted addresses are used.
#[tokio::test]
async fn a_mixed_answer_loses_its_forbidden_addresses() {
    let fake = Fake::start(Act::Say(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())).await;
    let egress = scripted(&[&["10.0.0.1", "::1", "127.0.0.1"]], "127.0.0.1/32");
    let url = format!("http://mixed.example:{}/", fake.address.port());
    assert_eq!(
        get(&egress, &url, Trust::Guarded).await.unwrap().status,
        204
    );
    assert_eq!(fake.hits(), 1);
}

#[tokio::test]
async fn a_name_without_addresses_does_not_resolve() {
    let egress = scripted(&[&[]], "127.0.0.1/32");
    assert_eq!(
        get(&egress, "http://none.example/", Trust::Guarded)
            .await
            .unwrap_err()
            .class(),
        "resolve"
    );
}

/// B53: an address that passed when the target was saved is judged again when it is used.
#[tokio::test]
async fn a_target_saved_under_another_policy_is_refused_at_the_send() {
    let fake = Fake::start(Act::Hang).await;
    let target = open_egress(2_000)
        .target(&fake.url(), Trust::Guarded)
        .unwrap();
    let strict = Egress::new(Settings::default()).unwrap();
    let refused = strict
        .send(Request::new(Method::POST, target), Trust::Guarded)
        .await
        .unwrap_err();
    assert_eq!(refused.class(), "refused");
    assert_eq!(fake.hits(), 0);
}

#[tokio::test]
async fn the_dialer_follows_the_same_policy() {
    let fake = Fake::start(Act::Hang).await;
    let (port, strict) = (
        fake.address.port(),
        Egress::new(Settings::default()).unwrap(),
    );
    for host in [
        "127.0.0.1",
        "127.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "::ffff:7f00:1",
    ] {
        let error = strict.dial(host, port, Trust::Guarded).await.unwrap_err();
        assert_eq!(error.class(), "refused", "{host}: {error}");
    }
    let stream = strict
        .dial("127.0.0.1", port, Trust::Trusted)
        .await
        .unwrap();
    assert!(stream.nodelay().unwrap());
    let metadata = strict
        .dial("169.254.169.254", 80, Trust::Trusted)
        .await
        .unwrap_err();
    assert_eq!(metadata.class(), "refused");
}
