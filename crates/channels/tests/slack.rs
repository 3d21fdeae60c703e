//! A Slack bot, against a fake of Slack's Web API.
//!
//! The fake answers as docs.slack.dev documents "chat.postMessage", "chat.update" and
//! "users.info", as of 2026-11-22.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::sync::Arc;

use app::memory::PassingMemory;
use app::ports::{Act, Call, CallError, Channel, Item, MessageContent, Verdict};
use aws_lc_rs::hmac;
use channels::{SlackChannel, SlackError, SlackSettings};
use domain::expiry::{AlertState, Step};
use domain::kernel::{ChannelId, Secret, Span};
use domain::notice::MessageKind;
use serde_json::{Value, json};
use support::http_fake::{HttpFake, answer};
use support::{at, ci_deploy, content, egress, item, notices, now, resolved};

const TOKEN: &str = "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy";
const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const ROOM: &str = "C0123456789";

fn made(url: &str, token: &str, room: &str, buttons: bool) -> Result<SlackChannel, SlackError> {
    let settings = SlackSettings {
        id: ChannelId::parse("chat").unwrap(),
        url: url.to_owned(),
        token: Secret::new(token.to_owned()),
        room: room.to_owned(),
        signing_secret: buttons.then(|| Secret::new(SECRET.to_owned())),
    };
    SlackChannel::new(
        settings,
        &egress(None, 900),
        Arc::new(PassingMemory::default()),
    )
}

fn bot(url: &str) -> SlackChannel {
    made(url, TOKEN, ROOM, true).unwrap()
}

/// Posts get rising times; every edit is fine; one user has a confirmed address.
async fn slack() -> HttpFake {
    HttpFake::script(|request, n| {
        let line = request.line();
        let body = match line {
            "POST /chat.postMessage" => {
                json!({ "ok": true, "channel": ROOM, "ts": format!("1795338000.{n:06}") })
            }
            "POST /chat.update" => json!({ "ok": true, "channel": ROOM }),
            "GET /users.info?user=U1" => user("ada@example.org", true),
            "GET /users.info?user=U2" => user("eve@example.org", false),
            _ => json!({ "ok": false, "error": "unknown_method" }),
        };
        answer(200, &body)
    })
    .await
}

fn user(email: &str, confirmed: bool) -> Value {
    json!({ "ok": true, "user": {
        "id": "U1", "deleted": false, "is_bot": false,
        "is_email_confirmed": confirmed, "profile": { "email": email },
    } })
}

async fn send(bot: &SlackChannel, content: &MessageContent) {
    let payload = bot.render(content).unwrap();
    assert!(!payload.contains(TOKEN), "what is kept holds no secret");
    bot.send(&content.id, &payload, now()).await.unwrap();
}

fn standing(state: AlertState) -> MessageContent {
    notices(vec![Item {
        state,
        ..ci_deploy()
    }])
}

/// Method and time of each request.
fn asked(fake: &HttpFake) -> Vec<(String, Value)> {
    let each = fake.received().into_iter();
    each.map(|r| {
        let method = r.line().rsplit('/').next().unwrap().to_owned();
        (method, r.json()["ts"].clone())
    })
    .collect()
}

/// T17, B16: through the bot a name mentions nobody and makes no link.
#[test]
fn names_mention_nobody_through_the_bot() {
    let name = "<!channel> <@U1> <https://evil.example|renew> & co";
    let mut hostile = item(name, at("2026-11-29T00:00:00Z"));
    let facts = hostile.credential.as_mut().unwrap();
    facts.owner = Some(("per_x".to_owned(), name.to_owned()));
    hostile.detail = Some(name.to_owned());
    let said = bot("https://slack.example.org")
        .render(&notices(vec![hostile]))
        .unwrap();
    for active in ["<!channel", "<@U1", "<https://evil"] {
        assert!(!said.contains(active), "{active}: {said}");
    }
    assert!(
        said.contains("&lt;!channel&gt;") && said.contains("&amp; co"),
        "{said}"
    );
}

#[tokio::test]
async fn a_step_is_posted_and_the_one_before_becomes_a_line() {
    let fake = slack().await;
    let bot = bot(&fake.base());
    let later = Item {
        step: Step::Lead(Span::days(3)),
        ..ci_deploy()
    };
    for item in [ci_deploy(), later, resolved()] {
        send(&bot, &notices(vec![item])).await;
    }
    let post = || ("chat.postMessage".to_owned(), Value::Null);
    let edit = |ts: &str| ("chat.update".to_owned(), json!(ts));
    assert_eq!(
        asked(&fake),
        [
            post(),
            post(),
            edit("1795338000.000000"),
            post(),
            edit("1795338000.000001")
        ]
    );
    let received = fake.received();
    assert_eq!(received[0].json()["channel"], ROOM);
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(received[0].header("authorization"), Some(bearer.as_str()));
    assert!(received[0].body.contains("\"acknowledge\""));
    assert!(
        !received[2].body.contains("\"acknowledge\""),
        "a line has no buttons"
    );
    assert!(
        !received[3].body.contains("\"acknowledge\""),
        "what is over has none"
    );
    let over = standing(AlertState::Resolved);
    assert_eq!(bot.keep_up(&over).await, Ok(false), "it is forgotten");
}

#[tokio::test]
async fn what_somebody_did_is_shown_once() {
    let fake = slack().await;
    let bot = bot(&fake.base());
    assert_eq!(
        bot.keep_up(&standing(AlertState::Acknowledged)).await,
        Ok(false)
    );
    send(&bot, &standing(AlertState::Open)).await;
    for (state, spoke) in [
        (AlertState::Open, false),
        (AlertState::Acknowledged, true),
        (AlertState::Acknowledged, false),
        (AlertState::Open, true),
    ] {
        assert_eq!(bot.keep_up(&standing(state)).await, Ok(spoke), "{state:?}");
    }
    let received = fake.received();
    assert!(received[1].body.contains("Somebody is on it."));
    assert!(!received[1].body.contains("\"action_id\":\"acknowledge\""));
    assert!(received[2].body.contains("\"action_id\":\"acknowledge\""));
}

#[tokio::test]
async fn without_a_signing_secret_there_are_no_buttons_and_no_calls() {
    let fake = slack().await;
    let bot = made(&fake.base(), TOKEN, ROOM, false).unwrap();
    send(&bot, &notices(vec![ci_deploy()])).await;
    assert!(!fake.received()[0].body.contains("\"actions\""));
    let call = click("U1", "acknowledge", SECRET);
    assert_eq!(bot.hear(&call).await, Err(CallError::NotHere));
}

#[tokio::test]
async fn digests_and_tests_are_posted_and_not_edited() {
    let fake = slack().await;
    let bot = bot(&fake.base());
    let digest = notices(vec![ci_deploy(), item("other", at("2026-12-01T00:00:00Z"))]);
    send(&bot, &digest).await;
    send(&bot, &content(MessageKind::Test, Vec::new())).await;
    assert_eq!(
        bot.keep_up(&standing(AlertState::Acknowledged)).await,
        Ok(false)
    );
    assert_eq!(fake.received().len(), 2);
}

/// T16, B59: Slack says no with 200.
#[tokio::test]
async fn each_refusal_has_its_verdict_and_names_no_secret() {
    for (status, word, verdict) in [
        (200, "invalid_auth", Verdict::ChannelBroken),
        (200, "is_archived", Verdict::ChannelBroken),
        (200, "channel_not_found", Verdict::ChannelBroken),
        (200, "ratelimited", Verdict::Retry { after: None }),
        (200, "msg_too_long", Verdict::RetryTwice),
        (429, "", Verdict::Retry { after: None }),
        (503, "", Verdict::Retry { after: None }),
    ] {
        let refusal = answer(status, &json!({ "ok": false, "error": word }));
        let fake = HttpFake::start(&refusal).await;
        let bot = bot(&fake.base());
        let payload = bot.render(&notices(vec![ci_deploy()])).unwrap();
        let id = notices(Vec::new()).id;
        let error = bot.send(&id, &payload, now()).await.unwrap_err();
        assert_eq!(error.verdict, verdict, "{status} {word}");
        assert!(!error.to_string().contains(TOKEN));
        assert!(!format!("{bot:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_post_is_ambiguous() {
    let fake = HttpFake::start("hang").await;
    let bot = bot(&fake.base());
    let payload = bot.render(&notices(vec![ci_deploy()])).unwrap();
    let id = notices(Vec::new()).id;
    let error = bot.send(&id, &payload, now()).await.unwrap_err();
    assert_eq!(error.verdict, Verdict::Ambiguous);
    assert!(!bot.is_idempotent() && bot.reaches_persons());
}

/// A press of a button, signed as Slack does.
fn click(user: &str, act: &str, secret: &str) -> Call {
    let payload = json!({
        "type": "block_actions",
        "user": { "id": user },
        "response_url": "https://hooks.slack.com/actions/T1/2/3",
        "actions": [{ "action_id": act, "value": "alr_cideploy" }],
    });
    let escaped: String = payload
        .to_string()
        .bytes()
        .map(|b| format!("%{b:02X}"))
        .collect();
    let body = format!("payload={escaped}");
    let stamp = now().as_seconds().to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("v0:{stamp}:{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    Call {
        now: now(),
        headers: [
            ("x-slack-request-timestamp".to_owned(), stamp),
            ("x-slack-signature".to_owned(), format!("v0={hex}")),
        ]
        .into(),
        body: body.into_bytes(),
    }
}

#[tokio::test]
async fn a_signed_press_says_who_wants_what() {
    let fake = slack().await;
    let bot = bot(&fake.base());
    for (name, act) in [
        ("acknowledge", Act::Acknowledge),
        ("snooze", Act::Snooze(Span::days(1))),
        ("let_lapse", Act::LetLapse),
    ] {
        let wish = bot.hear(&click("U1", name, SECRET)).await.unwrap();
        assert_eq!((wish.alert.as_str(), wish.act), ("alr_cideploy", act));
        assert_eq!(wish.email.as_deref(), Some("ada@example.org"));
        assert!(
            wish.reply_to
                .unwrap()
                .starts_with("https://hooks.slack.com/")
        );
    }
    let wish = bot.hear(&click("U2", "acknowledge", SECRET)).await.unwrap();
    assert_eq!(wish.email, None, "an address that nobody confirmed is none");
}

#[tokio::test]
async fn a_press_that_slack_did_not_sign_is_not_believed() {
    let fake = slack().await;
    let bot = bot(&fake.base());
    let forged = click("U1", "acknowledge", "another secret");
    assert_eq!(bot.hear(&forged).await, Err(CallError::NotProven));
    let mut old = click("U1", "acknowledge", SECRET);
    old.now = now() + Span::seconds(301);
    assert_eq!(bot.hear(&old).await, Err(CallError::NotProven));
    for (user, act) in [("U1", "delete_everything"), ("U1?token=x", "acknowledge")] {
        let odd = click(user, act, SECRET);
        assert_eq!(bot.hear(&odd).await, Err(CallError::NotUnderstood));
    }
    assert!(fake.received().is_empty(), "nobody was asked");
}

#[test]
fn tokens_and_rooms_have_their_forms() {
    let url = "https://slack.com/api";
    let error = |token, room| made(url, token, room, false).unwrap_err();
    assert_eq!(error("xoxp-1", ROOM), SlackError::Token);
    assert_eq!(error("xoxb-a b", ROOM), SlackError::Token);
    for room in [
        "general",
        "#general",
        "C01234567",
        "C012345678901234567890",
        "c0123456789",
    ] {
        let made = made(url, TOKEN, room, false);
        assert_eq!(made.is_ok(), room == "C01234567", "{room}");
    }
}
