//! Mail against a server that can be told how to fail.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use app::ports::{Cause, Channel, DeliveryError, Receipt, RenderError, Verdict};
use channels::smtp::TlsMode;
use domain::kernel::{Email, MessageId};
use support::mail::{channel, send};
use support::smtp_fake::{Script, SmtpFake};
use support::{ci_deploy, notices, now};

const RETRY: Verdict = Verdict::Retry { after: None };

async fn outcome(
    script: Script,
    tls: TlsMode,
    login: Option<(&str, &str)>,
) -> (SmtpFake, Result<Receipt, DeliveryError>) {
    let fake = SmtpFake::start(script).await;
    let result = send(&channel(&fake, tls, login, 600)).await;
    (fake, result)
}

/// T14: a letter about one alert refers to it.
#[tokio::test]
async fn a_letter_arrives_over_starttls_with_a_login() {
    let script = Script {
        login: Some(("u", "pässword")),
        ..Script::default()
    };
    let (fake, result) = outcome(script, TlsMode::StartTls, Some(("u", "pässword"))).await;
    assert_eq!(result.unwrap().said, "250 2.0.0 Ok: queued as 4F2");
    let seen = fake.seen.lock().unwrap();
    assert_eq!(
        seen.plain_commands,
        ["EHLO forewarn.example.org", "STARTTLS"]
    );
    assert!(
        seen.commands
            .contains(&"RCPT TO:<ada@example.org>".to_owned()),
        "{:?}",
        seen.commands
    );
    let message = &seen.messages[0];
    for header in [
        "Message-ID: <msg_0TestMessage@example.org>",
        "In-Reply-To: <alr_cideploy@example.org>",
        "References: <alr_cideploy@example.org>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "List-Id: <forewarn.example.org>",
        "From: Forewarn <tokens@example.org>",
        "To: \"Ada Lovelace\" <ada@example.org>",
        "Date: Sun, 22 Nov 2026 09:00:00 +0000",
        "Subject: [Forewarn] ci-deploy in GitLab (gitlab-prod) ends 2026-11-29",
        "multipart/alternative",
        "text/plain; charset=utf-8",
        "text/html; charset=utf-8",
    ] {
        assert!(
            message.contains(header),
            "{header} is missing in:\n{}",
            &message[..900.min(message.len())]
        );
    }
}

#[tokio::test]
async fn a_letter_arrives_over_implicit_tls_and_by_wish_in_plain_text() {
    let (fake, result) = outcome(
        Script {
            implicit: true,
            ..Script::default()
        },
        TlsMode::Implicit,
        None,
    )
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(fake.messages().len(), 1);
    let (fake, result) = outcome(Script::default(), TlsMode::None, None).await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(fake.messages().len(), 1);
}

/// F23: with STARTTLS stripped from the offer nothing is sent in plain text.
#[tokio::test]
async fn stripped_starttls_ends_the_attempt() {
    let script = Script {
        strip_starttls: true,
        login: Some(("u", "p")),
        ..Script::default()
    };
    let (fake, result) = outcome(script, TlsMode::StartTls, Some(("u", "p"))).await;
    let error = result.unwrap_err();
    assert_eq!(
        (error.verdict, error.cause),
        (Verdict::ChannelBroken, Cause::Tls)
    );
    let seen = fake.seen.lock().unwrap();
    assert!(seen.messages.is_empty() && seen.logins.is_empty());
    assert_eq!(seen.commands, ["EHLO forewarn.example.org"]);
}

/// F23: plain bytes smuggled in front of the handshake are never taken for replies.
#[tokio::test]
async fn bytes_injected_before_the_handshake_end_the_attempt() {
    let script = Script {
        inject: Some("250 2.0.0 ok\r\n"),
        ..Script::default()
    };
    let (fake, result) = outcome(script, TlsMode::StartTls, None).await;
    assert!(result.is_err());
    assert!(fake.messages().is_empty());
}

/// F23: a certificate that does not verify ends the attempt.
#[tokio::test]
async fn an_unknown_certificate_ends_the_attempt() {
    let fake = SmtpFake::start(Script::default()).await;
    let other = SmtpFake::start(Script::default()).await;
    let mixed = SmtpFake {
        port: fake.port,
        ca: other.ca.clone(),
        seen: std::sync::Arc::clone(&fake.seen),
    };
    let error = send(&channel(&mixed, TlsMode::StartTls, None, 600))
        .await
        .unwrap_err();
    assert_eq!(
        (error.verdict, error.cause),
        (Verdict::RetryTwice, Cause::Tls)
    );
    assert!(fake.messages().is_empty());
}

/// S8, S9, F23: each kind of refusal leads to its own decision.
#[tokio::test]
async fn refusals_lead_to_their_verdicts() {
    for (verb, reply, want) in [
        ("greeting", "421 4.3.2 busy", RETRY),
        ("greeting", "drop", RETRY),
        ("greeting", "hang", RETRY),
        ("EHLO", "drop", RETRY),
        ("STARTTLS", "454 4.7.0 TLS not available", RETRY),
        ("MAIL", "451 4.3.0 later", RETRY),
        ("RCPT", "450 4.2.0 greylisted", RETRY),
        ("RCPT", "452 4.2.2 full", RETRY),
        ("RCPT", "550 5.1.1 no such user", Verdict::RecipientGone),
        (
            "RCPT",
            "554 5.7.1 relay access denied",
            Verdict::ChannelBroken,
        ),
        ("DATA", "451 4.3.0 later", RETRY),
        (".", "451 4.3.0 later", RETRY),
        (".", "552 5.3.4 too big", Verdict::GiveUp),
        (".", "554 5.6.0 content refused", Verdict::GiveUp),
        (".", "drop", Verdict::Ambiguous),
        (".", "hang", Verdict::Ambiguous),
    ] {
        let script = Script {
            replies: vec![(verb, reply)],
            ..Script::default()
        };
        let error = outcome(script, TlsMode::StartTls, None)
            .await
            .1
            .unwrap_err();
        assert_eq!(error.verdict, want, "{verb} {reply}: {error}");
        assert!(!error.detail.contains('@'), "{error}");
    }
}

/// F23: a server that is not there is tried again.
#[tokio::test]
async fn a_closed_port_is_tried_again() {
    let mut fake = SmtpFake::start(Script::default()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    fake.port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = send(&channel(&fake, TlsMode::StartTls, None, 600))
        .await
        .unwrap_err();
    assert_eq!((error.verdict, error.cause), (RETRY, Cause::Unreachable));
}

/// F23: a server that lets every command take its time is cut off as a whole.
#[tokio::test]
async fn a_tarpit_is_cut_off_as_a_whole() {
    let slow = ["EHLO", "MAIL", "RCPT", "DATA"].map(|verb| (verb, "tarpit"));
    let fake = SmtpFake::start(Script {
        replies: slow.to_vec(),
        ..Script::default()
    })
    .await;
    let error = send(&channel(&fake, TlsMode::None, None, 600))
        .await
        .unwrap_err();
    assert_eq!(
        (error.verdict, error.cause),
        (RETRY, Cause::Timeout),
        "{error}"
    );
    assert!(error.detail.contains("whole message"), "{error}");
}

/// S10, T16, F23: a refused password breaks the channel, and the password is not in the words.
#[tokio::test]
async fn a_refused_password_breaks_the_channel() {
    let script = Script {
        login: Some(("u", "right")),
        ..Script::default()
    };
    let error = outcome(script, TlsMode::StartTls, Some(("u", "wr0ng-p4ss")))
        .await
        .1
        .unwrap_err();
    assert_eq!(
        (error.verdict, error.cause),
        (Verdict::ChannelBroken, Cause::Auth)
    );
    assert!(!format!("{error:?}").contains("wr0ng"));
    let error = outcome(Script::default(), TlsMode::StartTls, Some(("u", "p")))
        .await
        .1
        .unwrap_err();
    assert_eq!(
        (error.verdict, error.cause),
        (Verdict::ChannelBroken, Cause::Auth)
    );
}

/// F23: after a lost answer the same bytes go out again, under the same Message-ID.
#[tokio::test]
async fn a_second_attempt_sends_the_same_bytes() {
    let dropping = SmtpFake::start(Script {
        replies: vec![(".", "drop")],
        ..Script::default()
    })
    .await;
    let channel = channel(&dropping, TlsMode::StartTls, None, 600);
    let payload = channel.render(&notices(vec![ci_deploy()])).unwrap();
    let id = MessageId::parse("msg_0TestMessage").unwrap();
    for _ in 0..2 {
        assert_eq!(
            channel
                .send(&id, &payload, now())
                .await
                .unwrap_err()
                .verdict,
            Verdict::Ambiguous
        );
    }
    let messages = dropping.messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0], messages[1]);
    assert_eq!(
        channel.render(&notices(vec![ci_deploy()])).unwrap(),
        payload
    );
}

/// B19: a name with line breaks adds no header and no recipient.
#[tokio::test]
async fn a_name_with_line_breaks_adds_no_header() {
    let fake = SmtpFake::start(Script::default()).await;
    let channel = channel(&fake, TlsMode::StartTls, None, 600);
    for name in [
        "a\r\nBcc: evil@example.net",
        "\r\n.\r\nMAIL FROM:<x@example.net>\r\n",
        "a\u{2028}b\nX: y",
    ] {
        let mut content = notices(vec![ci_deploy()]);
        content.to.name = name.to_owned();
        let facts = content.items[0].credential.as_mut().unwrap();
        (facts.name, facts.system) = (name.to_owned(), name.to_owned());
        let payload = channel.render(&content).unwrap();
        channel.send(&content.id, &payload, now()).await.unwrap();
    }
    let seen = fake.seen.lock().unwrap();
    assert_eq!(seen.messages.len(), 3);
    for message in &seen.messages {
        let head = message.split("\n\n").next().unwrap();
        for line in head.lines() {
            assert!(
                !line.starts_with("Bcc") && !line.starts_with("X: "),
                "{line}"
            );
        }
    }
    assert_eq!(
        seen.commands
            .iter()
            .filter(|c| c.starts_with("RCPT"))
            .count(),
        3
    );
    assert_eq!(
        seen.commands
            .iter()
            .filter(|c| c.starts_with("MAIL"))
            .count(),
        3
    );
}

/// B60: a domain beyond ASCII travels in its ASCII form; a local part beyond ASCII
/// needs a server that takes it.
#[tokio::test]
async fn addresses_beyond_ascii_are_spelt_for_the_server() {
    let fake = SmtpFake::start(Script::default()).await;
    let channel = channel(&fake, TlsMode::StartTls, None, 600);
    let mut content = notices(vec![ci_deploy()]);
    content.to.email = Some(Email::parse("ada@bücher.example").unwrap());
    let payload = channel.render(&content).unwrap();
    channel.send(&content.id, &payload, now()).await.unwrap();
    assert!(
        fake.seen
            .lock()
            .unwrap()
            .commands
            .iter()
            .any(|c| c == "RCPT TO:<ada@xn--bcher-kva.example>")
    );
    content.to.email = Some(Email::parse("jörg@example.org").unwrap());
    let payload = channel.render(&content).unwrap();
    let error = channel
        .send(&content.id, &payload, now())
        .await
        .unwrap_err();
    assert_eq!(error.verdict, Verdict::RecipientGone);
    content.to.email = None;
    assert_eq!(channel.render(&content), Err(RenderError::NoAddress));
}
