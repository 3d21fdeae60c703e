//! A real mail server that refuses, defers, hangs and hangs up: nothing is lost, and
//! nothing doubled beyond one repeat for each lost answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};
use testkit::server::Server;

use crate::delivery::mail_and_hook;
use crate::house::launch;
use crate::peer::Peer;
use crate::push::{in_seconds, push};
use crate::receiver::{HOOK_SECRET, Receiver};
use crate::wire::comes_true;

/// What happens to the mail of each person, and how often the same mail may arrive.
const MISHAPS: [(&str, usize); 7] = [
    ("shut", 1),
    ("grey", 1),
    ("local", 1),
    ("full", 1),
    ("lost", 2),
    ("slow", 1),
    ("well", 1),
];

/// So long is left when a warning begins: what is deferred is tried again within half a
/// minute then.
const LEFT: i64 = 200;

fn script() -> Value {
    json!({
        "RCPT": {
            "shut@example.org": ["421 4.3.2 shutting down", "250 2.1.5 ok"],
            "grey@example.org": ["450 4.2.0 greylisted", "250 2.1.5 ok"],
            "local@example.org": ["451 4.3.0 try later", "451 4.3.0 try later", "250 2.1.5 ok"],
            "gone@example.org": ["550 5.1.1 nobody of that name"],
            "slow@example.org": ["wait 8 250 2.1.5 ok", "250 2.1.5 ok"],
        },
        "DATA": {
            "full@example.org": ["452 4.3.1 no room", "250 2.0.0 Ok: queued"],
            "lost@example.org": ["drop", "250 2.0.0 Ok: queued"],
        },
    })
}

struct Town {
    folder: tempfile::TempDir,
    mail: Peer,
    hook: Receiver,
}

impl Town {
    fn open(script: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("script"), script.to_string()).unwrap();
        let (out, script) = (path("mails"), path("script"));
        let whole = folder.path().to_str().unwrap();
        let login = ["--user", "u", "--password", "p"];
        let files = ["--out", &out, "--folder", whole, "--script", &script];
        let mail = Peer::start("smtp_server.py", &[&files[..], &login[..]].concat());
        Self {
            folder,
            mail,
            hook: Receiver::start(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Everybody owns the credential of their name.
    fn server(&self, password: &str, people: &[&str]) -> Server {
        let owners = people.iter().map(|name| {
            format!(
                "[[owners]]\nmatch = {{ name = \"{name}-key\" }}\nowner = \"{name}@example.org\"\n"
            )
        });
        let own = mail_and_hook(self.mail.port, &self.path("ca.pem"), &self.hook.url());
        let config = own + &owners.collect::<String>();
        let launch = launch(self.folder.path()).config(&config);
        let launch = launch.env("MAIL_PASSWORD", password);
        let server = launch.env("HOOK_SECRET", HOOK_SECRET).start();
        for name in people {
            let body = json!({"name": name, "email": format!("{name}@example.org")});
            let _ = server.admin().post("/v1/people", &body).expect(201);
        }
        push(&server.admin(), "first-import", "2099-01-01T00:00:00Z").succeeded();
        server
    }

    /// Ids of the mails that a mailbox took about a credential, in order.
    fn mails(&self, to: &str, about: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("mails")).unwrap_or_default();
        let whole = text.lines().filter_map(|l| serde_json::from_str(l).ok());
        let mine = whole.filter(|m: &Value| {
            let to_whom = m["to"].as_array().unwrap().iter();
            let is_about = m["text"].as_str().is_some_and(|t| t.contains(about));
            to_whom.clone().any(|one| one == to) && is_about
        });
        mine.map(|m| m["message_id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Whether the webhook was told of something.
    fn hook_told(&self, word: &str) -> bool {
        let told = self.hook.received();
        told.iter().any(|one| one.body.to_string().contains(word))
    }
}

/// S8, S9, L12: of seven mailboxes six misbehave, each in its own way, and each of seven
/// owners hears: once, and twice with one id where the answer was lost after the mail was
/// taken. A mailbox that does not exist is not tried again, and others hear in its place.
#[test]
fn each_mailbox_may_fail_in_its_own_way_and_nothing_is_lost_or_doubled() {
    if testkit::outside::peers_python().is_none() {
        return;
    }
    let town = Town::open(&script());
    let mut people: Vec<&str> = MISHAPS.iter().map(|(name, _)| *name).collect();
    people.push("gone");
    let server = town.server("p", &people);
    for name in &people {
        push(&server.admin(), &format!("{name}-key"), &in_seconds(LEFT)).succeeded();
    }
    let heard = |name: &str| town.mails(&format!("{name}@example.org"), &format!("{name}-key"));
    let at_once = comes_true(30, || !heard("well").is_empty());
    assert!(at_once, "nobody waits for another: {}", server.log());
    for (name, copies) in MISHAPS {
        let all = || heard(name).len() >= copies;
        assert!(
            comes_true(120, all),
            "{name}: {:?}\n{}",
            heard(name),
            server.log()
        );
    }
    let instead = || town.mails("ops@example.org", "gone-key");
    assert!(comes_true(60, || !instead().is_empty()), "{}", server.log());
    assert!(heard("gone").is_empty());
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, copies) in MISHAPS {
        assert_eq!(heard(name).len(), copies, "{name}");
        ids.entry(name).or_default().extend(heard(name));
    }
    assert!(ids.values().all(|ids| ids.len() == 1), "{ids:?}");
    let gone = server
        .admin()
        .get("/v1/people?limit=100")
        .expect(200)
        .json();
    let gone = gone["items"].as_array().unwrap().iter();
    let bounced: Vec<&Value> = gone.filter(|p| !p["bounced_at"].is_null()).collect();
    assert_eq!(bounced.len(), 1, "{bounced:?}");
    assert_eq!(bounced[0]["name"], "gone");
}

/// S10, T7: a mail server that refuses for good is told over another kind of channel, and
/// so is what could not be mailed.
#[test]
fn a_server_that_refuses_for_good_is_told_over_another_kind_of_channel() {
    if testkit::outside::peers_python().is_none() {
        return;
    }
    let town = Town::open(&json!({}));
    let server = town.server("not the password", &["well"]);
    push(&server.admin(), "well-key", &in_seconds(LEFT)).succeeded();
    let told = |word| comes_true(60, || town.hook_told(word));
    assert!(told("well-key"), "{}", server.log());
    assert!(
        told("channel:mail"),
        "{:?}\n{}",
        town.hook.received(),
        server.log()
    );
    assert!(town.mails("well@example.org", "well-key").is_empty());
}
