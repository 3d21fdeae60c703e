//! What independent implementations make of our mail and our signatures.
//!
//! They run under the Python interpreter that `FOREWARN_PEERS_PYTHON` names, which
//! `cargo xtask test` sets; without it they say that they were skipped.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop, and says so"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use app::ports::{Channel, Verdict};
use channels::smtp::{Limits, Login, Server, TlsMode};
use channels::webhook::Format;
use channels::{EmailChannel, EmailSettings, WebhookChannel, WebhookSettings};
use domain::kernel::{ChannelId, Instant, Secret};
use serde_json::Value;
use support::{ci_deploy, egress, notices, now};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A peer that ends with the test.
struct Peer {
    child: Child,
    port: u16,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(script: &str, args: &[&str]) -> Option<Peer> {
    let Some(python) = std::env::var_os("FOREWARN_PEERS_PYTHON") else {
        println!("SKIPPED: FOREWARN_PEERS_PYTHON is not set; run `cargo xtask test`");
        return None;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/peers")
        .join(script);
    let mut child = Command::new(python)
        .arg(path)
        .args(args)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let port = line
        .trim()
        .strip_prefix("listening ")
        .unwrap()
        .parse()
        .unwrap();
    Some(Peer { child, port })
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Greylisted first, then the line is dropped after the message was taken.
const MISHAPS: &str =
    r#"{"RCPT":["450 4.2.0 later","250 ok"],"DATA":["drop","250 2.0.0 Ok: queued"]}"#;

#[tokio::test]
async fn aiosmtpd_takes_our_mail_over_starttls() {
    hand_over(TlsMode::StartTls, None).await;
}

#[tokio::test]
async fn aiosmtpd_takes_our_mail_over_implicit_tls() {
    hand_over(TlsMode::Implicit, Some("--implicit")).await;
}

async fn hand_over(tls: TlsMode, extra: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (out, script) = (path("mails.jsonl"), path("script.json"));
    std::fs::write(&script, MISHAPS).unwrap();
    let mut args = vec!["--out", &out, "--folder", folder.path().to_str().unwrap()];
    args.extend(["--user", "u", "--password", "pä55", "--script", &script]);
    args.extend(extra);
    let Some(peer) = start("smtp_server.py", &args) else {
        return;
    };
    let ca = std::fs::read_to_string(path("ca.pem")).unwrap();
    let said = send_three_times(&mail(&peer, tls, &ca)).await;
    assert_eq!(said[0], Err(Verdict::Retry { after: None }));
    assert_eq!(said[1], Err(Verdict::Ambiguous));
    assert_eq!(said[2], Ok("250 2.0.0 Ok: queued".to_owned()));
    judge(&lines(Path::new(&out)));
}

async fn send_three_times(channel: &EmailChannel) -> Vec<Result<String, Verdict>> {
    let content = notices(vec![ci_deploy()]);
    let payload = channel.render(&content).unwrap();
    let mut said = Vec::new();
    for _ in 0..3 {
        let outcome = channel.send(&content.id, &payload, now()).await;
        said.push(outcome.map(|receipt| receipt.said).map_err(|e| e.verdict));
    }
    said
}

fn judge(mails: &[Value]) {
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0]["message_id"], mails[1]["message_id"]);
    let mail = &mails[1];
    assert_eq!(
        (&mail["secure"], &mail["login"]),
        (&Value::Bool(true), &Value::Bool(true))
    );
    assert_eq!(
        mail["subject"],
        "[Forewarn] ci-deploy in GitLab (gitlab-prod) ends 2026-11-29"
    );
    assert!(
        mail["text"]
            .as_str()
            .unwrap()
            .contains("Hello Ada Lovelace,")
    );
    assert!(
        mail["html"]
            .as_str()
            .unwrap()
            .contains("<bdi>ci-deploy</bdi>")
    );
}

fn mail(peer: &Peer, tls: TlsMode, ca: &str) -> EmailChannel {
    let login = Login {
        username: "u".to_owned(),
        password: Secret::new("pä55".to_owned()),
    };
    let limit = Duration::from_secs(5);
    let server = Server {
        host: "localhost".to_owned(),
        port: peer.port,
        tls,
        login: Some(login),
        hello: "forewarn.example.org".to_owned(),
        limits: Limits {
            command: limit,
            message: limit * 3,
        },
    };
    let settings = EmailSettings {
        id: ChannelId::parse("mail").unwrap(),
        server,
        from: "Forewarn <tokens@example.org>".to_owned(),
    };
    EmailChannel::new(settings, egress(Some(ca), 5_000)).unwrap()
}

/// L31: the reference library accepts our signatures.
#[tokio::test]
async fn the_reference_library_accepts_our_signatures() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("hooks.jsonl");
    let args = [
        "--out",
        out.to_str().unwrap(),
        "--secret",
        SECRET,
        "--answers",
        "500,204",
    ];
    let Some(peer) = start("webhook_receiver.py", &args) else {
        return;
    };
    for (format, secrets) in [
        (Format::Standard, vec![SECRET]),
        (Format::CloudEvents, vec![other(), SECRET]),
    ] {
        let url = format!("http://127.0.0.1:{}/hook", peer.port);
        let id = ChannelId::parse("hook").unwrap();
        let settings = WebhookSettings {
            secrets: secrets
                .iter()
                .map(|s| Secret::new((*s).to_owned()))
                .collect(),
            format,
            ..WebhookSettings::new(id, Secret::new(url))
        };
        let channel = WebhookChannel::new(&settings, egress(None, 5_000)).unwrap();
        let content = notices(vec![ci_deploy()]);
        let payload = channel.render(&content).unwrap();
        let _ = channel.send(&content.id, &payload, real_now()).await;
    }
    let hooks = lines(&out);
    assert_eq!(hooks.len(), 2);
    for hook in &hooks {
        assert_eq!(hook["verified"], true, "{hook}");
        assert_eq!(hook["id"], "msg_0TestMessage");
    }
    assert_eq!(
        (&hooks[0]["answered"], &hooks[1]["answered"]),
        (&Value::from(500), &Value::from(204))
    );
}

/// A secret the receiver does not know: the new one, while it still checks with the old.
fn other() -> &'static str {
    "whsec_Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="
}

#[expect(
    clippy::disallowed_methods,
    reason = "the library refuses signatures that are not of this minute"
)]
fn real_now() -> Instant {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap())
}

/// The Python library hands the message on as the body says: an Apprise API server is
/// that library behind this very request.
#[tokio::test]
async fn apprise_hands_our_message_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("told.jsonl");
    let args = ["--out", out.to_str().unwrap()];
    let Some(peer) = start("apprise_bridge.py", &args) else {
        return;
    };
    for (tag, want) in [
        ("ops", Ok("HTTP 200")),
        ("nobody", Err(Verdict::RetryTwice)),
    ] {
        let url = format!("http://127.0.0.1:{}/notify/forewarn", peer.port);
        let id = ChannelId::parse("bridge").unwrap();
        let settings = WebhookSettings {
            format: Format::Apprise,
            tag: Some(tag.to_owned()),
            ..WebhookSettings::new(id, Secret::new(url))
        };
        let channel = WebhookChannel::new(&settings, egress(None, 9_000)).unwrap();
        let content = notices(vec![ci_deploy()]);
        let payload = channel.render(&content).unwrap();
        let answer = channel.send(&content.id, &payload, now()).await;
        let said = answer.map(|r| r.said).map_err(|e| e.verdict);
        assert_eq!(said, want.map(str::to_owned));
    }
    let told = lines(&out);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["title"], "ci-deploy ends in 6 days 15 hours");
    assert_eq!(told[0]["type"], "warning");
    assert!(
        told[0]["message"]
            .as_str()
            .unwrap()
            .contains("GitLab (gitlab-prod)")
    );
}
