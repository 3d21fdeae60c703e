//! Chat rooms and push services, by the bodies they document.
//!
//! The receivers are fakes; the pages their answers follow are named in each format.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use app::ports::{Channel, MessageContent, Verdict};
use channels::webhook::{BODY_MAX, Format, WebhookError};
use channels::{WebhookChannel, WebhookSettings};
use domain::kernel::{ChannelId, Secret};
use domain::notice::MessageKind;
use serde_json::Value;
use support::http_fake::HttpFake;
use support::{ROOMS, at, channel_sick, ci_deploy, content, egress, item, notices, now, resolved};

const TOPIC: &str = "forewarn-9f2c";
const TOKEN: &str = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2";

fn settings(url: &str, format: Format) -> WebhookSettings {
    let id = ChannelId::parse("room").unwrap();
    WebhookSettings {
        format,
        token: Some(Secret::new(TOKEN.to_owned())),
        topic: Some(Secret::new(TOPIC.to_owned())),
        ..WebhookSettings::new(id, Secret::new(url.to_owned()))
    }
}

fn room(url: &str, format: Format) -> WebhookChannel {
    WebhookChannel::new(&settings(url, format), egress(None, 700)).unwrap()
}

fn rendered(format: Format, content: &MessageContent) -> String {
    room("http://127.0.0.1:9000/", format)
        .render(content)
        .unwrap()
}

fn body(format: Format, content: &MessageContent) -> Value {
    serde_json::from_str(&rendered(format, content)).unwrap()
}

/// Every text in a body, however deep.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|v| texts(v, out)),
        Value::Object(fields) => fields.values().for_each(|v| texts(v, out)),
        _ => {}
    }
}

#[test]
fn every_room_is_told_what_ends_when_and_where_to_act() {
    insta::assert_json_snapshot!("teams", body(Format::Teams, &notices(vec![ci_deploy()])));
    let both = notices(vec![ci_deploy(), channel_sick()]);
    insta::assert_json_snapshot!("discord", body(Format::Discord, &both));
    insta::assert_json_snapshot!("mattermost", body(Format::Mattermost, &both));
    insta::assert_json_snapshot!("ntfy", body(Format::Ntfy, &notices(vec![ci_deploy()])));
    insta::assert_json_snapshot!("apprise", body(Format::Apprise, &both));
    for format in ROOMS {
        let test = rendered(format, &content(MessageKind::Test, Vec::new()));
        assert!(test.contains("This is a test of Forewarn"), "{format:?}");
        let over = rendered(format, &notices(vec![resolved()]));
        assert!(over.contains("has been rotated"), "{format:?}");
    }
}

/// T17, B16: markup, mentions and links in a name are letters in every room.
#[test]
fn a_hostile_name_mentions_nobody_and_sets_nothing() {
    let name = "@everyone <@123> [renew](https://evil.example) **x** <!channel> # y";
    let hostile = notices(vec![item(name, at("2026-11-29T00:00:00Z"))]);
    for format in ROOMS {
        let mut all = Vec::new();
        texts(&body(format, &hostile), &mut all);
        // A text run of an Adaptive Card and a push message know neither markup nor
        // mentions.
        if !matches!(format, Format::Teams | Format::Ntfy) {
            assert!(all.iter().all(|t| !t.contains("@everyone")), "{format:?}");
            assert!(all.iter().all(|t| !t.contains("<@1")), "{format:?}");
        }
        if matches!(format, Format::Discord | Format::Mattermost) {
            assert!(
                all.iter().all(|t| !t.contains("](https://evil")),
                "{format:?}"
            );
            assert!(all.iter().all(|t| !t.contains(" **x")), "{format:?}");
        }
    }
    let teams = body(Format::Teams, &hostile);
    let card = &teams["attachments"][0]["content"]["body"];
    let mut kinds = Vec::new();
    for block in card.as_array().unwrap() {
        kinds.push(block["type"].as_str().unwrap());
    }
    assert!(
        kinds.iter().all(|kind| *kind == "RichTextBlock"),
        "{kinds:?}"
    );
    let discord = body(Format::Discord, &hostile);
    assert_eq!(discord["allowed_mentions"]["parse"], serde_json::json!([]));
}

/// B61: what a template made is a name like any other.
#[test]
fn words_of_ones_own_are_said_and_set_no_markup() {
    let mut own = ci_deploy();
    own.own.headline = Some("@everyone: **ci-deploy** ends\nsoon".to_owned());
    for format in ROOMS {
        let mut all = Vec::new();
        texts(&body(format, &notices(vec![own.clone()])), &mut all);
        assert!(all.iter().any(|t| t.contains("everyone")), "{format:?}");
        if matches!(format, Format::Discord | Format::Mattermost) {
            assert!(all.iter().all(|t| !t.contains("@everyone")), "{format:?}");
            assert!(all.iter().all(|t| !t.contains(" **ci")), "{format:?}");
        }
    }
}

/// B15, B19: line breaks and turned text in a name never reach a room.
#[test]
fn a_name_stays_on_its_line() {
    let hostile = notices(vec![item("a\r\nb\u{202E}c", at("2026-11-29T00:00:00Z"))]);
    for format in ROOMS {
        let mut all = Vec::new();
        texts(&body(format, &hostile), &mut all);
        assert!(
            all.iter().all(|t| !t.contains(['\r', '\u{202E}'])),
            "{format:?}"
        );
    }
}

/// T18: long digests stay within what each room takes.
#[test]
fn long_digests_stay_within_what_each_room_takes() {
    let long = "n".repeat(255);
    let many: Vec<_> = (0..500)
        .map(|n| item(&format!("{n}{long}"), at("2026-11-29T00:00:00Z")))
        .collect();
    let many = notices(many);
    for format in ROOMS {
        let text = rendered(format, &many);
        assert!(text.len() <= BODY_MAX, "{format:?}: {}", text.len());
        assert!(text.contains("others"), "{format:?}");
    }
    let discord = body(Format::Discord, &many);
    assert!(discord["content"].as_str().unwrap().chars().count() <= 2_000);
    assert!(discord["embeds"].as_array().unwrap().len() <= 10);
    let mut all = Vec::new();
    texts(&discord["embeds"], &mut all);
    assert!(all.iter().map(|t| t.chars().count()).sum::<usize>() <= 6_000);
    let ntfy = body(Format::Ntfy, &many);
    assert!(ntfy["message"].as_str().unwrap().len() <= 4_096);
}

/// How many names of the digest a body shows, and how many it says are left out.
fn shown_and_counted(all: &[String]) -> (usize, usize) {
    let text = all.join("\n");
    let shown = (0..500).filter(|n| text.contains(&format!("({n}ß")));
    let shown = shown.count();
    let others = text.split(" others").next().unwrap_or_default();
    let number = others.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
    (shown, number.parse().unwrap_or_default())
}

/// T18: names of letters that take four bytes are cut between letters in every room, and what
/// is shown and what is counted are all.
#[test]
fn wide_letters_stay_whole_and_everything_is_shown_or_counted() {
    let wide = "𝔘ñ🗝".repeat(85);
    let named = |n: usize| item(&format!("k({n}ß{wide}"), at("2026-11-29T00:00:00Z"));
    let many = notices((0..500).map(named).collect());
    for format in ROOMS {
        let mut all = Vec::new();
        texts(&body(format, &many), &mut all);
        assert!(all.iter().all(|t| !t.contains('\u{FFFD}')), "{format:?}");
        let (shown, counted) = shown_and_counted(&all);
        assert!(shown > 0, "{format:?}");
        assert_eq!(shown + counted, 500, "{format:?}: {shown} shown");
    }
    assert!(rendered(Format::Teams, &many).len() <= BODY_MAX);
    let ntfy = body(Format::Ntfy, &many);
    assert!(ntfy["message"].as_str().unwrap().len() <= 4_096);
}

/// T18: one that is left out is one other.
#[test]
fn one_that_is_left_out_is_one_other() {
    let end = at("2026-11-29T00:00:00Z");
    let mut said = Vec::new();
    for n in 8..=14 {
        let items = (0..n).map(|n| item(&format!("k{n}"), end)).collect();
        texts(&body(Format::Discord, &notices(items)), &mut said);
    }
    assert!(said.iter().any(|t| t.contains("… and 1 other")));
    assert!(said.iter().all(|t| !t.contains(" 1 others")));
}

#[tokio::test]
async fn ntfy_is_given_its_topic_as_the_message_leaves() {
    let fake = HttpFake::status(200, "").await;
    let room = room(&fake.base(), Format::Ntfy);
    let content = notices(vec![ci_deploy()]);
    let payload = room.render(&content).unwrap();
    assert!(!payload.contains(TOPIC), "what is kept holds no secret");
    room.send(&content.id, &payload, now()).await.unwrap();
    let received = fake.received().remove(0);
    assert_eq!(received.json()["topic"], TOPIC);
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(received.header("authorization"), Some(bearer.as_str()));
    assert!(!format!("{room:?}").contains(TOKEN));
    assert!(!format!("{room:?}").contains(TOPIC));
}

#[test]
fn a_topic_has_1_to_64_letters() {
    let with = |topic: Option<String>| {
        let settings = WebhookSettings {
            topic: topic.map(Secret::new),
            ..settings("http://127.0.0.1:9000/", Format::Ntfy)
        };
        WebhookChannel::new(&settings, egress(None, 700)).map(|_| ())
    };
    assert_eq!(with(Some("t".repeat(64))), Ok(()));
    for bad in [
        None,
        Some(String::new()),
        Some("t".repeat(65)),
        Some("a/b".to_owned()),
    ] {
        assert_eq!(with(bad), Err(WebhookError::Topic));
    }
}

/// A room shows a message twice that comes twice, so a lost answer is told apart.
#[tokio::test]
async fn a_lost_answer_of_a_room_is_ambiguous() {
    let fake = HttpFake::start("hang").await;
    for format in ROOMS {
        let room = room(&fake.base(), format);
        assert!(room.reaches_persons() && !room.is_idempotent());
        let content = notices(vec![ci_deploy()]);
        let payload = room.render(&content).unwrap();
        let error = room.send(&content.id, &payload, now()).await.unwrap_err();
        assert_eq!(error.verdict, Verdict::Ambiguous, "{format:?}");
    }
}
