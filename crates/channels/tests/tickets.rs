//! Tickets in GitHub, GitLab and Jira, against fakes that keep issues.
//!
//! The fakes speak as docs.github.com/rest/issues, docs.gitlab.com/api/issues and
//! developer.atlassian.com (REST API v2) document it, as of 2026-11-22.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::sync::Arc;

use app::memory::PassingMemory;
use app::ports::{Cause, Channel, ChannelMemory, DeliveryError, Item, MessageContent, Verdict};
use channels::TicketChannel;
use channels::ticket::{
    GithubSettings, GitlabSettings, JiraLogin, JiraSettings, TICKETS_MAX, TicketError,
};
use domain::expiry::Step;
use domain::kernel::{ChannelId, Secret, Span};
use domain::notice::MessageKind;
use support::http_fake::{HttpFake, answer};
use support::tracker_fake::{Kept, TrackerFake, Vendor};
use support::{at, ci_deploy, content, egress, item, notices, now, resolved, review};

const TOKEN: &str = "glpat-0123456789abcdef";
const ALL: [Vendor; 3] = [Vendor::Github, Vendor::Gitlab, Vendor::Jira];

fn channel(vendor: Vendor, url: &str, memory: &Arc<PassingMemory>) -> TicketChannel {
    made(vendor, url, memory, None).unwrap()
}

fn made(
    vendor: Vendor,
    url: &str,
    memory: &Arc<PassingMemory>,
    place: Option<&str>,
) -> Result<TicketChannel, TicketError> {
    let id = ChannelId::parse("backlog").unwrap();
    let (url, token) = (url.to_owned(), Secret::new(TOKEN.to_owned()));
    let place = |usual: &str| place.unwrap_or(usual).to_owned();
    let memory: Arc<dyn ChannelMemory> = Arc::clone(memory) as _;
    let egress = egress(None, 900);
    match vendor {
        Vendor::Github => {
            let repository = place("acme/ops");
            let settings = GithubSettings {
                id,
                url,
                repository,
                token,
            };
            TicketChannel::github(settings, &egress, memory)
        }
        Vendor::Gitlab => {
            let project = place("acme/ops");
            let settings = GitlabSettings {
                id,
                url,
                project,
                token,
            };
            TicketChannel::gitlab(settings, &egress, memory)
        }
        Vendor::Jira => {
            let settings = JiraSettings {
                id,
                url,
                project: place("OPS"),
                issue_type: "Task".to_owned(),
                login: JiraLogin::Cloud {
                    username: "bot@acme.example".to_owned(),
                    token,
                },
            };
            TicketChannel::jira(settings, &egress, memory)
        }
    }
}

async fn send(channel: &TicketChannel, content: &MessageContent) -> Result<String, DeliveryError> {
    let payload = channel.render(content).unwrap();
    assert!(!payload.contains(TOKEN), "what is kept holds no secret");
    let receipt = channel.send(&content.id, &payload, now()).await?;
    Ok(receipt.said)
}

fn third_day() -> Item {
    Item {
        step: Step::Lead(Span::days(3)),
        ..ci_deploy()
    }
}

#[tokio::test]
async fn an_alert_has_one_ticket_that_is_opened_edited_and_closed() {
    for vendor in ALL {
        let fake = TrackerFake::start(vendor).await;
        let memory = Arc::new(PassingMemory::default());
        let channel = channel(vendor, &fake.url(), &memory);
        let said = send(&channel, &notices(vec![ci_deploy()])).await.unwrap();
        assert_eq!(said, "1 opened, 0 edited, 0 closed", "{vendor:?}");
        let said = send(&channel, &notices(vec![third_day()])).await.unwrap();
        assert_eq!(said, "0 opened, 1 edited, 0 closed", "{vendor:?}");
        let said = send(&channel, &notices(vec![resolved()])).await.unwrap();
        assert_eq!(said, "0 opened, 0 edited, 1 closed", "{vendor:?}");
        let [ticket]: [Kept; 1] = fake.kept().try_into().unwrap();
        assert_eq!(ticket.title, "ci-deploy ends 2026-11-29", "{vendor:?}");
        assert!(ticket.body.contains("alr_cideploy"));
        assert!(
            ticket
                .body
                .contains("https://forewarn.example.org/alerts/alr_cideploy")
        );
        assert_eq!(ticket.comments.len(), 2, "{vendor:?}");
        assert!(ticket.comments[1].contains("has been rotated"));
        assert!(!ticket.open);
        assert!(!channel.reaches_persons() && channel.is_shared());
    }
}

/// A review is one ticket with a row for each credential; many read it, so that no link in it
/// acts by itself.
#[tokio::test]
async fn a_review_is_one_ticket_with_a_row_for_each_credential() {
    for vendor in ALL {
        let fake = TrackerFake::start(vendor).await;
        let memory = Arc::new(PassingMemory::default());
        let channel = channel(vendor, &fake.url(), &memory);
        let items = vec![review(), ci_deploy()];
        send(&channel, &notices(items)).await.unwrap();
        let kept = fake.kept();
        assert!(kept.iter().all(|ticket| !ticket.body.contains("/act/")));
        let is_review = |ticket: &&Kept| ticket.body.contains("Issued");
        let ticket = kept.iter().find(is_review).expect("the review's");
        insta::assert_snapshot!(format!("review_{vendor:?}"), ticket.body);
    }
}

#[tokio::test]
async fn an_attempt_that_is_repeated_says_nothing_twice() {
    for vendor in ALL {
        let fake = TrackerFake::start(vendor).await;
        let memory = Arc::new(PassingMemory::default());
        let channel = channel(vendor, &fake.url(), &memory);
        for _ in 0..2 {
            send(&channel, &notices(vec![ci_deploy()])).await.unwrap();
        }
        let [ticket]: [Kept; 1] = fake.kept().try_into().unwrap();
        assert!(ticket.comments.is_empty(), "{vendor:?}");
    }
}

/// S1: the process died after the ticket was made and before that was remembered.
#[tokio::test]
async fn a_ticket_that_a_crash_forgot_is_found_again() {
    for vendor in ALL {
        let fake = TrackerFake::start(vendor).await;
        for _ in 0..2 {
            let memory = Arc::new(PassingMemory::default());
            let channel = channel(vendor, &fake.url(), &memory);
            send(&channel, &notices(vec![ci_deploy()])).await.unwrap();
        }
        assert_eq!(fake.kept().len(), 1, "{vendor:?}");
    }
}

#[tokio::test]
async fn a_ticket_that_somebody_closed_is_opened_again_while_the_alert_stands() {
    for vendor in ALL {
        let fake = TrackerFake::start(vendor).await;
        let memory = Arc::new(PassingMemory::default());
        let channel = channel(vendor, &fake.url(), &memory);
        send(&channel, &notices(vec![ci_deploy()])).await.unwrap();
        fake.change(|tickets| tickets[0].open = false);
        send(&channel, &notices(vec![third_day()])).await.unwrap();
        assert!(fake.kept()[0].open, "{vendor:?}");
        fake.change(Vec::clear);
        let next = Item {
            occurrence: 2,
            ..third_day()
        };
        send(&channel, &notices(vec![next])).await.unwrap();
        assert_eq!(fake.kept().len(), 1, "a deleted one is made anew");
    }
}

#[tokio::test]
async fn a_ticket_is_closed_whose_resolution_was_never_sent() {
    let fake = TrackerFake::start(Vendor::Jira).await;
    let memory = Arc::new(PassingMemory::default());
    let channel = channel(Vendor::Jira, &fake.url(), &memory);
    send(&channel, &notices(vec![ci_deploy()])).await.unwrap();
    for (item, spoke) in [
        (ci_deploy(), false),
        (resolved(), true),
        (resolved(), false),
    ] {
        assert_eq!(channel.keep_up(&notices(vec![item])).await, Ok(spoke));
    }
    assert!(!fake.kept()[0].open);
}

#[tokio::test]
async fn a_new_cycle_has_a_ticket_of_its_own() {
    let fake = TrackerFake::start(Vendor::Github).await;
    let memory = Arc::new(PassingMemory::default());
    let channel = channel(Vendor::Github, &fake.url(), &memory);
    for item in [ci_deploy(), resolved(), ci_deploy()] {
        send(&channel, &notices(vec![item])).await.unwrap();
    }
    let open: Vec<bool> = fake.kept().iter().map(|t| t.open).collect();
    assert_eq!(open, [false, true]);
}

#[tokio::test]
async fn a_resolution_of_what_has_no_ticket_makes_none() {
    let fake = TrackerFake::start(Vendor::Gitlab).await;
    let memory = Arc::new(PassingMemory::default());
    let channel = channel(Vendor::Gitlab, &fake.url(), &memory);
    let said = send(&channel, &notices(vec![resolved()])).await.unwrap();
    assert_eq!(said, "0 opened, 0 edited, 0 closed");
    assert!(fake.kept().is_empty());
}

#[tokio::test]
async fn many_alerts_are_thirty_tickets_and_one_that_counts_the_rest() {
    let fake = TrackerFake::start(Vendor::Github).await;
    let memory = Arc::new(PassingMemory::default());
    let channel = channel(Vendor::Github, &fake.url(), &memory);
    let many = (0..TICKETS_MAX + 7).map(|n| item(&format!("t{n}"), at("2026-11-29T00:00:00Z")));
    send(&channel, &notices(many.collect())).await.unwrap();
    let kept = fake.kept();
    assert_eq!(kept.len(), TICKETS_MAX + 1);
    assert_eq!(
        kept[TICKETS_MAX].title,
        "7 other credentials need attention"
    );
}

#[tokio::test]
async fn a_test_opens_a_ticket_and_closes_it() {
    for vendor in ALL {
        let fake = TrackerFake::start(vendor).await;
        let memory = Arc::new(PassingMemory::default());
        let channel = channel(vendor, &fake.url(), &memory);
        send(&channel, &content(MessageKind::Test, Vec::new()))
            .await
            .unwrap();
        let [ticket]: [Kept; 1] = fake.kept().try_into().unwrap();
        assert!(!ticket.open, "{vendor:?}");
    }
}

/// T17, B16: names mention nobody, refer to nothing, command nothing; B20: and are no syntax.
#[tokio::test]
async fn a_hostile_name_stays_a_name() {
    let name = "/close @team #1 ![x](https://evil.example) <script> {code} [~admin] $1 !4";
    for vendor in ALL {
        let fake = TrackerFake::start(vendor).await;
        let memory = Arc::new(PassingMemory::default());
        let channel = channel(vendor, &fake.url(), &memory);
        let hostile = item(name, at("2026-11-29T00:00:00Z"));
        send(&channel, &notices(vec![hostile.clone()]))
            .await
            .unwrap();
        let later = Item {
            occurrence: 2,
            ..hostile
        };
        send(&channel, &notices(vec![later])).await.unwrap();
        let ticket = fake.kept().remove(0);
        for text in [&ticket.body, &ticket.comments[0]] {
            for bad in ["@team", "#1", "](https://evil", "[~", "\n/close", " !4"] {
                assert!(!text.contains(bad), "{vendor:?} {bad}: {text}");
            }
            assert!(!text.starts_with("/close"));
            assert!(!text.contains("<script>") || vendor == Vendor::Jira);
            assert!(!text.contains("{code}"));
        }
        assert!(!ticket.title.contains("@team"));
    }
}

/// T16: each refusal has its verdict and names no secret.
#[tokio::test]
async fn each_refusal_has_its_verdict_and_names_no_secret() {
    for vendor in ALL {
        for (status, verdict, cause) in [
            (401, Verdict::RetryTwice, Cause::Auth),
            (404, Verdict::RetryTwice, Cause::Gone),
            (429, Verdict::Retry { after: None }, Cause::RateLimited),
            (503, Verdict::Retry { after: None }, Cause::Server),
        ] {
            let fake = HttpFake::start(&answer(status, &serde_json::json!({}))).await;
            let memory = Arc::new(PassingMemory::default());
            let channel = channel(vendor, &fake.base(), &memory);
            let error = send(&channel, &notices(vec![ci_deploy()]))
                .await
                .unwrap_err();
            assert_eq!(
                (error.verdict, error.cause),
                (verdict, cause),
                "{vendor:?} {status}"
            );
            assert!(!error.to_string().contains(TOKEN));
            assert!(!format!("{channel:?}").contains(TOKEN));
        }
    }
}

/// GitHub says "too many" as 403.
#[tokio::test]
async fn a_throttled_github_is_asked_again() {
    let busy = "HTTP/1.1 403 X\r\nx-ratelimit-remaining: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let fake = HttpFake::start(busy).await;
    let memory = Arc::new(PassingMemory::default());
    let channel = channel(Vendor::Github, &fake.base(), &memory);
    let error = send(&channel, &notices(vec![ci_deploy()]))
        .await
        .unwrap_err();
    assert_eq!(error.verdict, Verdict::Retry { after: None });
    assert_eq!(error.cause, Cause::RateLimited);
}

#[test]
fn places_are_named_as_their_trackers_name_them() {
    let memory = Arc::new(PassingMemory::default());
    for (vendor, bad) in [
        (Vendor::Github, ""),
        (Vendor::Github, "acme"),
        (Vendor::Github, "acme/ops/x"),
        (Vendor::Github, "acme/.."),
        (Vendor::Github, "acme/a?b"),
        (Vendor::Gitlab, "a b"),
        (Vendor::Jira, "ops"),
        (Vendor::Jira, "OPS\" OR 1=1"),
    ] {
        let error = made(vendor, "https://x.example.org", &memory, Some(bad)).unwrap_err();
        assert!(matches!(error, TicketError::Place(..)), "{bad}");
    }
}
