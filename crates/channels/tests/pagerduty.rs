//! PagerDuty, against a fake of its Events API v2.
//!
//! The fake's answers are those of developer.pagerduty.com, "Send an alert event", as of
//! 2026-11-22: 202 with the key, 400 with `errors`, 429.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::sync::Arc;

use app::memory::PassingMemory;
use app::ports::{Cause, Channel, Item, MessageContent, Verdict};
use channels::{PagerDutyChannel, PagerDutyError, PagerDutySettings};
use domain::expiry::{AlertState, Step};
use domain::kernel::{ChannelId, Secret, Span};
use domain::notice::MessageKind;
use serde_json::{Value, json};
use support::http_fake::{HttpFake, answer};
use support::{at, ci_deploy, content, egress, item, notices, now, resolved};

const KEY: &str = "0123456789abcdef0123456789ABCDEF";

fn pager(url: &str) -> PagerDutyChannel {
    with_key(url, KEY).unwrap()
}

fn with_key(url: &str, key: &str) -> Result<PagerDutyChannel, PagerDutyError> {
    let settings = PagerDutySettings {
        id: ChannelId::parse("oncall").unwrap(),
        url: url.to_owned(),
        routing_key: Secret::new(key.to_owned()),
    };
    let memory = Arc::new(PassingMemory::default());
    PagerDutyChannel::new(settings, &egress(None, 700), memory)
}

async fn accepting() -> HttpFake {
    let body = json!({ "status": "success", "message": "Event processed", "dedup_key": "x" });
    HttpFake::start(&answer(202, &body)).await
}

fn events(content: &MessageContent) -> Vec<Value> {
    let payload = pager("https://events.example.org/v2/enqueue").render(content);
    serde_json::from_str(&payload.unwrap()).unwrap()
}

#[tokio::test]
async fn a_warning_triggers_and_its_resolution_closes_the_same_incident() {
    let fake = accepting().await;
    let pager = pager(&format!("{}/v2/enqueue", fake.base()));
    for content in [notices(vec![ci_deploy()]), notices(vec![resolved()])] {
        let payload = pager.render(&content).unwrap();
        assert!(!payload.contains(KEY), "what is kept holds no secret");
        let receipt = pager.send(&content.id, &payload, now()).await.unwrap();
        assert_eq!(receipt.said, "HTTP 202, 1 queued");
    }
    let [opened, closed]: [Value; 2] = fake
        .received()
        .iter()
        .map(|r| r.json())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!(fake.received()[0].line(), "POST /v2/enqueue");
    assert_eq!(opened["event_action"], "trigger");
    assert_eq!(closed["event_action"], "resolve");
    assert_eq!(opened["dedup_key"], closed["dedup_key"]);
    assert_eq!(opened["routing_key"], KEY);
    assert_eq!(opened["payload"]["source"], "GitLab (gitlab-prod)");
    assert_eq!(
        opened["client_url"],
        "https://forewarn.example.org/alerts/alr_cideploy"
    );
}

#[test]
fn severity_follows_the_time_that_is_left() {
    for (end, want) in [
        ("2026-12-20T09:00:00Z", "info"),
        ("2026-11-29T09:00:00Z", "warning"),
        ("2026-11-25T09:00:00Z", "error"),
        ("2026-11-23T09:00:00Z", "critical"),
        ("2026-11-21T09:00:00Z", "critical"),
    ] {
        let events = events(&notices(vec![item("a", at(end))]));
        assert_eq!(events[0]["payload"]["severity"], want, "{end}");
    }
}

/// L34: the key of an incident is the same on every day and at every step.
#[test]
fn the_key_of_an_incident_is_the_same_at_every_step() {
    let key = |item, days| {
        let mut content = notices(vec![item]);
        content.now = now() + Span::days(days);
        events(&content)[0]["dedup_key"].clone()
    };
    let first = key(ci_deploy(), 0);
    for days in 1..=3 {
        let mut later = ci_deploy();
        later.step = Step::Lead(Span::days(4 - days));
        later.occurrence = u32::try_from(days).unwrap();
        assert_eq!(key(later, days), first, "after {days} days");
    }
}

#[test]
fn many_alerts_are_fifty_events_and_one_that_counts_the_rest() {
    let many = |n| events(&notices(vec![ci_deploy(); n]));
    assert_eq!(many(50).len(), 50);
    let over = many(52);
    assert_eq!(over.len(), 51);
    assert_eq!(
        over[50]["payload"]["summary"],
        "2 other credentials need attention"
    );
    assert_eq!(events(&content(MessageKind::Test, Vec::new())).len(), 1);
}

/// T18: a name of letters that take four bytes is cut between two of them.
#[test]
fn a_name_of_wide_letters_is_cut_between_letters() {
    let wide = item(&"🗝".repeat(3_000), at("2026-11-29T00:00:00Z"));
    let event = &events(&notices(vec![wide]))[0];
    let summary = event["payload"]["summary"].as_str().unwrap();
    assert!(summary.chars().count() <= 1_024);
    assert!(summary.contains(&"🗝".repeat(40)), "{summary}");
    assert!(!summary.contains('\u{FFFD}'));
}

/// T17, T18, B16: a name that is markup stays a name; B15: and one line.
#[test]
fn hostile_names_stay_names_of_bounded_length() {
    let name = format!("<b>{}\r\n\u{202E}{{{{x}}}}", "x".repeat(2_000));
    let event = &events(&notices(vec![item(&name, at("2026-11-29T00:00:00Z"))]))[0];
    let summary = event["payload"]["summary"].as_str().unwrap();
    assert!(summary.starts_with("<b>xxx"));
    assert!(summary.chars().count() <= 1_024);
    assert!(!summary.contains(['\n', '\r', '\u{202E}']));
}

/// T16: each refusal has its verdict and names no secret.
#[tokio::test]
async fn each_refusal_has_its_verdict_and_names_no_secret() {
    let key =
        json!({ "status": "invalid event", "errors": ["Length of 'routing_key' is incorrect"] });
    let event = json!({ "status": "invalid event", "errors": ["'payload.severity' is invalid"] });
    for (status, body, verdict, cause) in [
        (400, &key, Verdict::ChannelBroken, Cause::Auth),
        (400, &event, Verdict::GiveUp, Cause::Rejected),
        (
            429,
            &event,
            Verdict::Retry { after: None },
            Cause::RateLimited,
        ),
        (500, &event, Verdict::Retry { after: None }, Cause::Server),
        (404, &event, Verdict::RetryTwice, Cause::Gone),
    ] {
        let fake = HttpFake::start(&answer(status, body)).await;
        let pager = pager(&format!("{}/v2/enqueue", fake.base()));
        let payload = pager.render(&notices(vec![ci_deploy()])).unwrap();
        let id = notices(Vec::new()).id;
        let error = pager.send(&id, &payload, now()).await.unwrap_err();
        assert_eq!((error.verdict, error.cause), (verdict, cause), "{status}");
        assert!(!error.to_string().contains(KEY));
        assert!(!format!("{pager:?}").contains(KEY));
    }
}

#[test]
fn a_key_has_32_letters_and_digits() {
    let url = "https://events.pagerduty.com/v2/enqueue";
    for bad in [
        "",
        &KEY[1..],
        &format!("{KEY}0"),
        "0123456789abcdef0123456789ABCDE-",
    ] {
        assert_eq!(
            with_key(url, bad).unwrap_err(),
            PagerDutyError::RoutingKey,
            "{bad}"
        );
    }
    let error = with_key("ftp://x", KEY).unwrap_err().to_string();
    assert!(
        error.starts_with("`url` of the channel is refused"),
        "{error}"
    );
}

#[tokio::test]
async fn what_somebody_did_here_is_shown_there_once() {
    let fake = accepting().await;
    let pager = pager(&fake.base());
    let standing = |state| {
        let item = Item {
            state,
            ..ci_deploy()
        };
        notices(vec![item])
    };
    let acknowledged = standing(AlertState::Acknowledged);
    assert_eq!(
        pager.keep_up(&acknowledged).await,
        Ok(false),
        "never triggered"
    );
    let opened = notices(vec![ci_deploy()]);
    let payload = pager.render(&opened).unwrap();
    pager.send(&opened.id, &payload, now()).await.unwrap();
    for (state, spoke) in [
        (AlertState::Open, false),
        (AlertState::Acknowledged, true),
        (AlertState::Snoozed, false),
        (AlertState::Open, false),
        (AlertState::Resolved, true),
        (AlertState::Resolved, false),
    ] {
        assert_eq!(
            pager.keep_up(&standing(state)).await,
            Ok(spoke),
            "{state:?}"
        );
    }
    let actions: Vec<Value> = fake
        .received()
        .iter()
        .map(|r| r.json()["event_action"].clone())
        .collect();
    assert_eq!(actions, ["trigger", "acknowledge", "resolve"]);
}
