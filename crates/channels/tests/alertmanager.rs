//! Pushing to a real Alertmanager (Debian's 0.25), and the shipped rules under a real
//! `promtool` (Debian's 2.42). `cargo xtask test` installs both.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use app::memory::PassingMemory;
use app::ports::{Cause, Channel, Item, MessageContent, Verdict};
use channels::alertmanager::{HOLD, UPKEEP};
use channels::{AlertmanagerChannel, AlertmanagerError, AlertmanagerSettings};
use domain::expiry::{AlertState, Resolution};
use domain::kernel::{ChannelId, Instant, Secret, Span};
use domain::notice::MessageKind;
use serde_json::Value;
use support::http_fake::HttpFake;
use support::{at, ci_deploy, content, egress, item, notices, now, resolved};

const TOKEN: &str = "s3cret-of-the-proxy";

fn channel(urls: &[String], memory: &Arc<PassingMemory>) -> AlertmanagerChannel {
    let settings = AlertmanagerSettings {
        id: ChannelId::parse("am").unwrap(),
        urls: urls.to_vec(),
        token: Some(Secret::new(TOKEN.to_owned())),
    };
    AlertmanagerChannel::new(&settings, &egress(None, 3_000), Arc::clone(memory) as _).unwrap()
}

async fn send(channel: &AlertmanagerChannel, content: &MessageContent) {
    let payload = channel.render(content).unwrap();
    channel
        .send(&content.id, &payload, content.now)
        .await
        .unwrap();
}

/// The same content as it would be said at another time.
fn then(content: MessageContent, now: Instant) -> MessageContent {
    MessageContent { now, ..content }
}

fn pushed(fake: &HttpFake) -> Vec<Value> {
    let bodies = fake.received().into_iter().map(|r| r.json());
    bodies.flat_map(|b| b.as_array().unwrap().clone()).collect()
}

#[tokio::test]
async fn what_stands_ends_by_itself_only_a_day_after_the_last_word() {
    let fake = HttpFake::status(200, "").await;
    let channel = channel(&[fake.base()], &Arc::default());
    send(&channel, &notices(vec![ci_deploy()])).await;
    let later = now() + UPKEEP;
    let standing = then(notices(vec![ci_deploy()]), later);
    assert_eq!(channel.keep_up(&standing).await, Ok(true));
    let alerts = pushed(&fake);
    assert_eq!(fake.received()[0].line(), "POST /api/v2/alerts");
    assert_eq!(alerts[0]["labels"], alerts[1]["labels"]);
    assert_eq!(alerts[0]["startsAt"], alerts[1]["startsAt"]);
    assert_eq!(alerts[0]["endsAt"], (now() + HOLD).to_string());
    assert_eq!(alerts[1]["endsAt"], (later + HOLD).to_string());
}

/// Alertmanager knows an alert by its labels, and severity is one of them.
#[tokio::test]
async fn an_alert_whose_labels_change_is_ended_beside_its_successor() {
    let fake = HttpFake::status(200, "").await;
    let channel = channel(&[fake.base()], &Arc::default());
    send(&channel, &notices(vec![ci_deploy()])).await;
    let last_day = at("2026-11-28T12:00:00Z");
    send(&channel, &then(notices(vec![ci_deploy()]), last_day)).await;
    let after = at("2026-11-28T13:00:00Z");
    send(&channel, &then(notices(vec![resolved()]), after)).await;
    let alerts = pushed(&fake);
    let seen: Vec<(&str, &str)> = alerts
        .iter()
        .map(|a| {
            let severity = a["labels"]["severity"].as_str().unwrap();
            (severity, a["endsAt"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("warning", "2026-11-23T09:00:00Z"),
            ("warning", "2026-11-28T12:00:00Z"),
            ("critical", "2026-11-29T12:00:00Z"),
            ("critical", "2026-11-28T13:00:00Z"),
        ]
    );
    assert_eq!(alerts[0]["startsAt"], alerts[3]["startsAt"]);
}

#[tokio::test]
async fn one_member_that_took_it_is_enough() {
    let well = HttpFake::status(200, "").await;
    let ill = HttpFake::status(503, "").await;
    let both = channel(&[ill.base(), well.base()], &Arc::default());
    send(&both, &notices(vec![ci_deploy()])).await;
    assert_eq!(well.received().len(), 1);
    assert_eq!(ill.received().len(), 1);
    let alone = channel(&[ill.base()], &Arc::default());
    let payload = alone.render(&notices(vec![ci_deploy()])).unwrap();
    let id = notices(Vec::new()).id;
    let error = alone.send(&id, &payload, now()).await.unwrap_err();
    assert_eq!(error.verdict, Verdict::Retry { after: None });
    assert_eq!(error.cause, Cause::Server);
    assert!(!error.to_string().contains(TOKEN));
    assert!(!format!("{alone:?}").contains(TOKEN));
}

/// B16, B15: a hostile name is a bounded label value on one line, and no label of its own.
#[test]
fn labels_are_few_and_bounded() {
    let channel = channel(&["http://127.0.0.1:9093".to_owned()], &Arc::default());
    let name = format!("a\",severity=\"none\n{}", "x".repeat(300));
    let hostile = notices(vec![item(&name, at("2026-11-29T00:00:00Z"))]);
    let entries: Value = serde_json::from_str(&channel.render(&hostile).unwrap()).unwrap();
    let labels = entries[0]["labels"].as_object().unwrap();
    assert!(labels.len() <= 10);
    assert_eq!(labels["severity"], "warning");
    for (key, value) in labels {
        let value = value.as_str().unwrap();
        assert!(
            value.chars().count() <= 140 && !value.contains('\n'),
            "{key}"
        );
    }
}

#[test]
fn a_cluster_has_a_member() {
    let settings = AlertmanagerSettings {
        id: ChannelId::parse("am").unwrap(),
        urls: Vec::new(),
        token: None,
    };
    let memory = Arc::new(PassingMemory::default());
    let made = AlertmanagerChannel::new(&settings, &egress(None, 100), memory);
    assert_eq!(made.unwrap_err(), AlertmanagerError::None);
}

/// An Alertmanager that ends with the test.
struct Alertmanager {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const CONFIG: &str = "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n";

impl Alertmanager {
    /// A new one without any memory, once it answers.
    async fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("am.yml");
        std::fs::write(&config, CONFIG).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .unwrap()
            .port();
        let child = Command::new(program)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", folder.path().display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let this = Self {
            child,
            url,
            _folder: folder,
        };
        this.wait().await;
        this
    }

    async fn wait(&self) {
        for _ in 0..200 {
            if self.get("/-/ready").await.is_some() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("Alertmanager did not start");
    }

    async fn get(&self, path: &str) -> Option<Value> {
        let out = egress(None, 2_000);
        let trust = egress::Trust::Trusted;
        let target = out.target(&format!("{}{path}", self.url), trust).ok()?;
        let request = egress::Request::new(http::Method::GET, target);
        let answer = out.send(request, trust).await.ok()?;
        let ready = answer.status == 200;
        ready.then(|| serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// Severity and state annotation of each active alert, the most severe first.
    async fn active(&self) -> Vec<(String, String)> {
        let all = self.get("/api/v2/alerts?active=true").await.unwrap();
        let mut seen: Vec<_> = all
            .as_array()
            .unwrap()
            .iter()
            .map(|alert| {
                let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
                let severity = text(&alert["labels"]["severity"]);
                (severity, text(&alert["annotations"]["state"]))
            })
            .collect();
        seen.sort();
        seen
    }
}

/// The real clock, for a real Alertmanager drops what ended in the past.
#[expect(
    clippy::disallowed_methods,
    reason = "a real peer lives by the real clock"
)]
fn real_now() -> Instant {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap())
}

#[tokio::test]
async fn a_real_alertmanager_holds_what_stands_until_it_is_over() {
    let Some(program) = testkit::outside::program("prometheus-alertmanager") else {
        return;
    };
    let first = Alertmanager::start(&program).await;
    let memory = Arc::new(PassingMemory::default());
    let channel = channel(std::slice::from_ref(&first.url), &memory);
    let now = real_now();
    let standing = |left: Span, state| {
        let item = item("ci-deploy", now + left);
        then(notices(vec![Item { state, ..item }]), now)
    };
    let seen = |severity: &str, state: &str| vec![(severity.to_owned(), state.to_owned())];
    send(&channel, &standing(Span::days(5), AlertState::Open)).await;
    assert_eq!(first.active().await, seen("warning", "open"));
    let acknowledged = standing(Span::days(5), AlertState::Acknowledged);
    channel.keep_up(&acknowledged).await.unwrap();
    assert_eq!(first.active().await, seen("warning", "acknowledged"));
    send(&channel, &standing(Span::hours(20), AlertState::Open)).await;
    assert_eq!(first.active().await, seen("critical", "open"));
    let mut over = standing(Span::hours(20), AlertState::Resolved);
    over.items[0].resolution = Some(Resolution::Rotated);
    send(&channel, &over).await;
    assert_eq!(first.active().await, Vec::new());
    let test = then(content(MessageKind::Test, Vec::new()), now);
    send(&channel, &test).await;
    assert_eq!(first.active().await, seen("info", ""));
}

/// Alertmanager keeps alerts in memory only.
#[tokio::test]
async fn an_alertmanager_that_was_started_anew_learns_again_what_stands() {
    let Some(program) = testkit::outside::program("prometheus-alertmanager") else {
        return;
    };
    let memory = Arc::new(PassingMemory::default());
    let now = real_now();
    let standing = then(notices(vec![item("ci-deploy", now + Span::days(2))]), now);
    let first = Alertmanager::start(&program).await;
    send(
        &channel(std::slice::from_ref(&first.url), &memory),
        &standing,
    )
    .await;
    drop(first);
    let second = Alertmanager::start(&program).await;
    assert_eq!(second.active().await, Vec::new());
    let channel = channel(std::slice::from_ref(&second.url), &memory);
    channel.keep_up(&standing).await.unwrap();
    assert_eq!(second.active().await.len(), 1);
}

#[test]
fn the_shipped_rules_fire_when_they_should_and_not_before() {
    let Some(promtool) = testkit::outside::program("promtool") else {
        return;
    };
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/prometheus");
    let run = |args: &[&str]| {
        let done = Command::new(&promtool)
            .args(args)
            .current_dir(&rules)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{said}");
    };
    run(&["check", "rules", "forewarn.rules.yml"]);
    run(&["test", "rules", "forewarn.test.yml"]);
}
