//! A warning arrives at a real mail server and at a receiver with an independent
//! signature check, whoever dies in between.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use testkit::server::Server;

use crate::house::launch;
use crate::peer::Peer;
use crate::push::{in_hours, in_seconds, push};
use crate::receiver::HOOK_SECRET;
use crate::wire::comes_true;

/// How often the server is killed right after it took something in.
const KILLS: u64 = 5;

/// A mail server of [`Peer`] and a receiver; what they are told of is pushed.
pub(crate) fn mail_and_hook(mail_port: u16, ca: &Path, hook: &str) -> String {
    format!(
        r#"
[notifier]
interval = "1s"
[audience]
catch_all = ["ops@example.org"]
[egress]
allow_cidrs = ["127.0.0.0/8"]
[channels.mail]
kind = "email"
host = "localhost"
port = {mail_port}
username = "u"
password = {{ env = "MAIL_PASSWORD" }}
from = "Forewarn <tokens@example.org>"
ca_file = "{}"
[channels.hook]
kind = "webhook"
url = "{hook}"
secret = {{ env = "HOOK_SECRET" }}
[sources.legacy]
system = "push"
"#,
        ca.display()
    )
}

/// The folder, where the receivers listen, and what they wrote down.
struct Street {
    folder: tempfile::TempDir,
    mail_port: u16,
    hook_port: u16,
}

impl Street {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Both receivers, on the ports they had before.
    fn receivers(&mut self) -> [Peer; 2] {
        let text = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let (mails, hooks, answer) = (text("mails"), text("hooks"), text("answer"));
        let folder = self.folder.path().to_str().unwrap();
        let (mail_port, hook_port) = (self.mail_port.to_string(), self.hook_port.to_string());
        let mail = [
            "--out",
            &mails,
            "--folder",
            folder,
            "--user",
            "u",
            "--password",
            "p",
            "--port",
            &mail_port,
        ];
        let hook = [
            "--out",
            &hooks,
            "--secret",
            HOOK_SECRET,
            "--port",
            &hook_port,
            "--answer-file",
            &answer,
        ];
        let peers = [
            Peer::start("smtp_server.py", &mail),
            Peer::start("webhook_receiver.py", &hook),
        ];
        (self.mail_port, self.hook_port) = (peers[0].port, peers[1].port);
        peers
    }

    fn server(&self) -> Server {
        let hook = format!("http://127.0.0.1:{}/hook", self.hook_port);
        let config = mail_and_hook(self.mail_port, &self.path("ca.pem"), &hook);
        let launch = launch(self.folder.path()).config(&config);
        launch
            .env("MAIL_PASSWORD", "p")
            .env("HOOK_SECRET", HOOK_SECRET)
            .start()
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Ids of the accepted mails that speak of this credential.
    fn mails(&self, name: &str) -> Vec<String> {
        let mails = self.lines("mails").into_iter();
        let about = mails.filter(|m| m["text"].as_str().is_some_and(|t| t.contains(name)));
        about
            .map(|m| m["message_id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Ids of the accepted posts that speak of this credential.
    fn hooks(&self, name: &str) -> Vec<String> {
        let quoted = format!("\"{name}\"");
        let hooks = self.lines("hooks").into_iter();
        let about =
            hooks.filter(|h| h["answered"] == 204 && h["body"].to_string().contains(&quoted));
        about
            .map(|h| h["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Waits until both receivers have been told.
    fn arrives(&self, server: &Server, name: &str, seconds: u64) {
        let told = comes_true(seconds, || {
            !self.mails(name).is_empty() && !self.hooks(name).is_empty()
        });
        let (mails, hooks) = (self.mails(name), self.hooks(name));
        assert!(told, "{name}: {mails:?} {hooks:?}\n{}", server.log());
    }
}

/// S1, T5, F1, F24, F26, P2: nothing is lost and nothing doubled beyond one repeat a death.
#[test]
fn warnings_arrive_although_server_and_receivers_die() {
    if testkit::outside::peers_python().is_none() {
        return;
    }
    let mut street = Street {
        folder: tempfile::tempdir().unwrap(),
        mail_port: 0,
        hook_port: 0,
    };
    let receivers = street.receivers();
    let server = street.server();
    push(&server.admin(), "first-import", "2099-01-01T00:00:00Z").succeeded();
    push(&server.admin(), "cred-plain", &in_hours(20)).succeeded();
    street.arrives(&server, "cred-plain", 30);
    a_failing_receiver_is_asked_again(&street, &server);
    let server = while_everybody_is_down(&mut street, server, receivers);
    let receivers = street.receivers();
    street.arrives(&server, "cred-down", 120);
    let once: BTreeSet<String> = street.hooks("cred-down").into_iter().collect();
    assert_eq!(once.len(), 1, "one message: {once:?}");
    let server = killed_after_each_push(&street, server);
    nothing_is_doubled(&street);
    drop((server, receivers));
}

/// Answered 500, it comes again with the same id.
fn a_failing_receiver_is_asked_again(street: &Street, server: &Server) {
    std::fs::write(street.path("answer"), "500").unwrap();
    push(&server.admin(), "cred-again", &in_hours(20)).succeeded();
    let refused = || {
        street
            .lines("hooks")
            .into_iter()
            .find(|h| h["answered"] == 500)
    };
    assert!(comes_true(30, || refused().is_some()), "{}", server.log());
    std::fs::remove_file(street.path("answer")).unwrap();
    street.arrives(server, "cred-again", 30);
    let id = refused().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(street.hooks("cred-again"), [id]);
}

/// Pushed while nobody can be reached; then the server dies as well.
fn while_everybody_is_down(street: &mut Street, server: Server, receivers: [Peer; 2]) -> Server {
    drop(receivers);
    let before = [retried(&server, "mail"), retried(&server, "hook")];
    push(&server.admin(), "cred-down", &in_seconds(150)).succeeded();
    let tried = comes_true(30, || {
        retried(&server, "mail") > before[0] && retried(&server, "hook") > before[1]
    });
    assert!(tried, "{}", server.log());
    server.kill();
    street.server()
}

/// How many notices of a channel wait for another attempt, as the metrics tell.
fn retried(server: &Server, channel: &str) -> u64 {
    let text = server.admin().get("/metrics").expect(200).text();
    let wanted = format!("forewarn_notices_total{{channel=\"{channel}\",outcome=\"retried\"}} ");
    let found = text.lines().find_map(|line| line.strip_prefix(&wanted));
    found.map_or(0, |count| count.parse().unwrap())
}

fn killed_after_each_push(street: &Street, mut server: Server) -> Server {
    for round in 0..KILLS {
        let name = format!("cred-killed-{round}");
        push(&server.admin(), &name, &in_hours(20)).succeeded();
        std::thread::sleep(Duration::from_millis(round * 40));
        server.kill();
        server = street.server();
        street.arrives(&server, &name, 60);
    }
    server
}

fn nothing_is_doubled(street: &Street) {
    let mails = street.lines("mails");
    assert!(
        mails
            .iter()
            .all(|m| m["secure"] == true && m["login"] == true)
    );
    let hooks = street.lines("hooks");
    assert!(hooks.iter().all(|h| h["verified"] == true), "{hooks:?}");
    let mut repeats = 0;
    for told in [Street::mails, Street::hooks] {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for name in ["cred-plain", "cred-again"]
            .map(str::to_owned)
            .into_iter()
            .chain((0..KILLS).map(|n| format!("cred-killed-{n}")))
        {
            let ids = told(street, &name);
            assert_eq!(
                ids.iter().collect::<BTreeSet<_>>().len(),
                1,
                "{name}: {ids:?}"
            );
            *times.entry(ids[0].clone()).or_default() = ids.len();
        }
        assert!(times.values().all(|n| *n <= 2), "{times:?}");
        repeats += times.values().map(|n| n - 1).sum::<usize>();
    }
    println!(
        "{} mails, {} posts, {repeats} repeats in {} deaths",
        mails.len(),
        hooks.len(),
        KILLS + 1
    );
    assert!(repeats <= usize::try_from(2 * (KILLS + 1)).unwrap());
}
