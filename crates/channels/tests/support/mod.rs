//! Content that looks like a real organisation's, and servers that misbehave.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

pub mod http_fake;
pub mod mail;
pub mod smtp_fake;
pub mod tracker_fake;

use app::ports::{Addressee, CredentialFacts, Item, MessageContent, ReviewFacts};
use channels::webhook::Format;
use domain::expiry::{AlertKind, AlertState, Resolution, Step, Subject};
use domain::inventory::PlaceOfUse;
use domain::kernel::{AlertId, CredentialId, Email, Instant, MessageId, PersonId, Secret, Span};
use domain::notice::{AudienceRole, MessageKind};
use domain::people::Recipient;
use egress::{Egress, Settings};
use std::time::Duration;

/// What people read together.
pub const ROOMS: [Format; 6] = [
    Format::Slack,
    Format::Teams,
    Format::Discord,
    Format::Mattermost,
    Format::Ntfy,
    Format::Apprise,
];

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// Sunday, 22 November 2026, 09:00 UTC.
pub fn now() -> Instant {
    at("2026-11-22T09:00:00Z")
}

pub fn ada() -> Addressee {
    Addressee {
        recipient: Recipient::Person(PersonId::parse("per_ada").unwrap()),
        name: "Ada Lovelace".to_owned(),
        email: Some(Email::parse("ada@example.org").unwrap()),
        time_zone: Some("Europe/Berlin".to_owned()),
        locale: None,
    }
}

pub fn facts(id: &str, name: &str, end: Instant) -> CredentialFacts {
    CredentialFacts {
        id: CredentialId::parse(id).unwrap(),
        external_id: "48213".to_owned(),
        name: name.to_owned(),
        kind: "project access token".to_owned(),
        source: "gitlab-prod".to_owned(),
        system: "GitLab (gitlab-prod)".to_owned(),
        created_at: Some(at("2025-12-01T00:00:00Z")),
        expires_at: Some(end),
        last_used_at: Some(at("2026-11-21T22:10:03Z")),
        uses: Some(4211),
        confirmed_at: at("2026-11-22T08:59:40Z"),
        doubt: None,
        owner: Some(("per_ada".to_owned(), "Ada Lovelace".to_owned())),
        team: Some(("tea_ci".to_owned(), "CI".to_owned())),
        scopes: vec!["read_api".to_owned(), "write_registry".to_owned()],
        labels: vec![("env".to_owned(), "prod".to_owned())],
        used_by: vec![PlaceOfUse {
            what: "nightly export".to_owned(),
            url: Some("https://ci.example.org/jobs/7".to_owned()),
            team: Some("Data".to_owned()),
        }],
        renew_url: Some("https://gitlab.example.org/ci/-/settings/access_tokens".to_owned()),
        advice: Vec::new(),
        newer: None,
        orphaned: false,
    }
}

pub fn item(name: &str, end: Instant) -> Item {
    let id = format!(
        "crd_{}",
        name.chars()
            .filter(char::is_ascii_alphanumeric)
            .take(40)
            .collect::<String>()
    );
    let credential = facts(&id, name, end);
    Item {
        alert: AlertId::parse(format!("alr_{}", &id[4..])).unwrap(),
        subject: Subject::Credential(credential.id.clone()),
        kind: AlertKind::Expiry,
        step: Step::Lead(Span::days(7)),
        occurrence: 1,
        resolution: None,
        state: AlertState::Open,
        role: AudienceRole::Owner,
        reason: "7d".to_owned(),
        others: vec!["team CI".to_owned(), "Grace Hopper".to_owned()],
        credential: Some(credential),
        monitor: None,
        review: None,
        detail: None,
        own: app::ports::OwnWords::default(),
        act_link: Some(Secret::new(format!(
            "https://forewarn.example.org/act/alr_{}/a1b2.1.2.1.c0de",
            &id[4..]
        ))),
    }
}

pub fn ci_deploy() -> Item {
    item("ci-deploy", at("2026-11-29T00:00:00Z"))
}

pub fn resolved() -> Item {
    Item {
        resolution: Some(Resolution::Rotated),
        act_link: None,
        state: AlertState::Resolved,
        ..ci_deploy()
    }
}

/// A review of a team: one of each kind of credential, and 12 that do not fit.
pub fn review() -> Item {
    let mut bare = facts("crd_bare", "old <b>key</b>", at("2027-03-01T00:00:00Z"));
    (bare.expires_at, bare.created_at, bare.last_used_at) = (None, None, None);
    (bare.uses, bare.owner, bare.team) = (None, None, None);
    (bare.scopes, bare.used_by) = (Vec::new(), Vec::new());
    let first = facts("crd_cideploy", "ci-deploy", at("2026-11-29T00:00:00Z"));
    Item {
        alert: AlertId::parse("alr_review").unwrap(),
        subject: Subject::parse("review:quarterly:tea_ci").unwrap(),
        kind: AlertKind::ReviewDue,
        step: Step::Now,
        role: AudienceRole::Team,
        reason: "the team answers for them".to_owned(),
        credential: None,
        detail: Some("14 credentials of this team wait for a decision".to_owned()),
        review: Some(ReviewFacts {
            waiting: vec![first, bare],
            others: 12,
        }),
        ..ci_deploy()
    }
}

pub fn channel_sick() -> Item {
    Item {
        act_link: None,
        alert: AlertId::parse("alr_hook").unwrap(),
        subject: Subject::parse("channel:hook").unwrap(),
        kind: AlertKind::Undeliverable,
        step: Step::Now,
        role: AudienceRole::Admin,
        reason: "4 attempts failed".to_owned(),
        credential: None,
        detail: Some("the receiver answered 404 four times since 07:12".to_owned()),
        ..ci_deploy()
    }
}

pub fn content(kind: MessageKind, items: Vec<Item>) -> MessageContent {
    MessageContent {
        id: MessageId::parse("msg_0TestMessage").unwrap(),
        kind,
        now: now(),
        public_url: "https://forewarn.example.org".to_owned(),
        to: ada(),
        items,
        question: None,
    }
}

pub fn notices(items: Vec<Item>) -> MessageContent {
    content(MessageKind::Notices, items)
}

/// A way out that may use loopback, impatient, believing `ca` where one is given.
pub fn egress(ca: Option<&str>, millis: u64) -> Egress {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = ca.map(|pem| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, pem).unwrap();
        path
    });
    Egress::new(Settings {
        allow_cidrs: vec!["127.0.0.0/8".parse().unwrap()],
        ca_file,
        connect_timeout: Duration::from_millis(millis),
        total_timeout: Duration::from_millis(millis),
        ..Settings::default()
    })
    .unwrap()
}

struct Loopback;

impl egress::Lookup for Loopback {
    fn lookup<'a>(
        &'a self,
        _: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<std::net::IpAddr>>> + Send + 'a>>
    {
        Box::pin(async { Ok(vec![std::net::IpAddr::from([127, 0, 0, 1])]) })
    }
}

/// A resolver for which every name is loopback.
pub fn name_of_loopback() -> std::sync::Arc<dyn egress::Lookup> {
    std::sync::Arc::new(Loopback)
}
