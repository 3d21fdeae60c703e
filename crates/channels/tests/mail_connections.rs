//! Many letters over few connections, and none twice for it.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use app::ports::{Cause, Verdict};
use channels::smtp::TlsMode;
use support::mail::{channel, send};
use support::smtp_fake::{Script, SmtpFake};

#[tokio::test]
async fn letters_that_follow_each_other_share_a_connection() {
    let script = Script {
        login: Some(("forewarn", "secret")),
        ..Script::default()
    };
    let fake = SmtpFake::start(script).await;
    let login = Some(("forewarn", "secret"));
    let channel = channel(&fake, TlsMode::StartTls, login, 2_000);
    for _ in 0..3 {
        send(&channel).await.unwrap();
    }
    let seen = fake.seen.lock().unwrap();
    assert_eq!((seen.connections, seen.messages.len()), (1, 3));
    assert_eq!(seen.logins.len(), 1, "one signs in once");
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_costs_no_attempt_and_doubles_nothing() {
    let script = Script {
        one_letter: true,
        ..Script::default()
    };
    let fake = SmtpFake::start(script).await;
    let channel = channel(&fake, TlsMode::None, None, 2_000);
    for _ in 0..3 {
        send(&channel).await.unwrap();
    }
    let seen = fake.seen.lock().unwrap();
    assert_eq!((seen.connections, seen.messages.len()), (3, 3));
}

#[tokio::test]
async fn a_refused_letter_ends_its_connection_and_not_the_next_letter() {
    let script = Script {
        replies: vec![("RCPT", "450 4.2.0 greylisted")],
        ..Script::default()
    };
    let fake = SmtpFake::start(script).await;
    let channel = channel(&fake, TlsMode::None, None, 2_000);
    for _ in 0..2 {
        assert!(send(&channel).await.is_err());
    }
    let seen = fake.seen.lock().unwrap();
    assert_eq!((seen.connections, seen.messages.len()), (2, 0));
}

/// RFC 2920: sender, recipient and the wish to begin go out in one breath.
#[tokio::test]
async fn a_server_that_takes_several_commands_at_once_gets_them_so() {
    let script = Script {
        pipelining: true,
        ..Script::default()
    };
    let fake = SmtpFake::start(script).await;
    let channel = channel(&fake, TlsMode::StartTls, None, 2_000);
    for _ in 0..2 {
        send(&channel).await.unwrap();
    }
    let seen = fake.seen.lock().unwrap();
    assert_eq!((seen.connections, seen.messages.len()), (1, 2));
    assert_eq!(seen.messages[0], seen.messages[1]);
}

#[tokio::test]
async fn what_is_refused_in_one_breath_means_the_same_and_sends_no_letter() {
    for (verb, reply, verdict, cause) in [
        (
            "MAIL",
            "451 4.3.0 later",
            Verdict::Retry { after: None },
            Cause::Server,
        ),
        (
            "RCPT",
            "550 5.1.1 no such user",
            Verdict::RecipientGone,
            Cause::Gone,
        ),
        (
            "DATA",
            "451 4.3.0 later",
            Verdict::Retry { after: None },
            Cause::Server,
        ),
        (
            ".",
            "554 5.6.0 content refused",
            Verdict::GiveUp,
            Cause::Rejected,
        ),
        (".", "drop", Verdict::Ambiguous, Cause::Server),
    ] {
        let script = Script {
            pipelining: true,
            replies: vec![(verb, reply)],
            ..Script::default()
        };
        let fake = SmtpFake::start(script).await;
        let error = send(&channel(&fake, TlsMode::None, None, 2_000))
            .await
            .unwrap_err();
        assert_eq!(
            (error.verdict, error.cause),
            (verdict, cause),
            "{verb} {reply}"
        );
        let taken = fake.messages().len();
        assert_eq!(taken, usize::from(verb == "."), "{verb} {reply}");
    }
}
