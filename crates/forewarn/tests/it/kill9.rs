//! F1–F4: the server dies without warning at random instants, again and again, while
//! tokens are issued, rotated, revoked and warned of.
//!
//! What was answered is kept, nothing that is due stays unsaid, and a message comes
//! twice at most once per death, with the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::SeededRandom;
use testkit::http::{Client, Reply};
use testkit::server::{Launch, Server};

use crate::house::BINARY;
use crate::push::{in_hours, push};
use crate::receiver::{HOOK_SECRET, Receiver};
use crate::wire::comes_true;

/// How long the last server may take to say what is left.
const PATIENCE: Duration = Duration::from_secs(240);

/// Everything the server answered for, as the callers remember it.
#[derive(Default)]
struct Answered {
    /// Values that must work.
    alive: BTreeMap<String, String>,
    /// Values that must not work any more.
    revoked: BTreeMap<String, String>,
    /// Issuer ids that must be warned of.
    pushed: BTreeSet<String>,
}

/// F1, F2, F3, F4: on the embedded store.
#[test]
fn nothing_answered_is_lost_when_the_server_is_killed_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    die_again_and_again(folder.path(), None);
}

/// F1, F2, F3, F4: on PostgreSQL.
#[test]
fn nothing_answered_is_lost_when_the_server_is_killed_on_postgresql() {
    let Some(cluster) = testkit::outside::postgres() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let name = format!("kill9_{}", std::process::id());
    let made = Command::new("psql")
        .args([&cluster, "-qc", &format!("CREATE DATABASE {name}")])
        .status()
        .unwrap();
    assert!(made.success(), "a database can be made");
    let (base, _) = cluster.rsplit_once('/').unwrap();
    die_again_and_again(folder.path(), Some(&format!("{base}/{name}")));
}

fn die_again_and_again(folder: &Path, database: Option<&str>) {
    let deaths = if testkit::outside::long() { 100 } else { 12 };
    let seed = std::env::var_os("FOREWARN_TEST_SEED")
        .and_then(|s| s.to_str()?.parse().ok())
        .unwrap_or(20_261_122);
    println!("seed {seed}, {deaths} deaths");
    let random = Arc::new(SeededRandom::new(seed));
    let receiver = Receiver::start();
    let answered = Arc::new(Mutex::new(Answered::default()));
    for death in 0..deaths {
        let server = launch(folder, database, &receiver).start();
        check(&server, &answered.lock().unwrap());
        if death == 0 {
            prepare(&server.admin());
        }
        work_until_killed(server, &answered, &random, death);
    }
    let server = launch(folder, database, &receiver).start();
    let answered = answered.lock().unwrap();
    check(&server, &answered);
    every_warning_arrives(&server.admin(), &receiver, &answered.pushed, || {
        server.log()
    });
    no_message_comes_too_often(&receiver, deaths);
    println!(
        "{} tokens work, {} are revoked, {} credentials were warned of in {} messages",
        answered.alive.len(),
        answered.revoked.len(),
        answered.pushed.len(),
        receiver.received().len()
    );
}

fn launch(folder: &Path, database: Option<&str>, receiver: &Receiver) -> Launch {
    let config = hooked(receiver);
    let launch = Launch::new(BINARY, &folder.join("data"))
        .config(&config)
        .env("HOOK_SECRET", HOOK_SECRET)
        .bootstrap();
    match database {
        Some(url) => launch.arg("--database").arg(url),
        None => launch,
    }
}

/// Everything is told to the receiver; what it is told of is pushed.
pub(crate) fn hooked(receiver: &Receiver) -> String {
    format!(
        r#"
[notifier]
interval = "1s"
[audience]
catch_all = ["ops@example.org"]
[egress]
allow_cidrs = ["127.0.0.0/8"]
[channels.kept]
kind = "outbox"
[channels.hook]
kind = "webhook"
url = "{}"
secret = {{ env = "HOOK_SECRET" }}
[sources.legacy]
system = "push"
"#,
        receiver.url()
    )
}

/// The account that owns the tokens of the test, and the first import of the source,
/// which is a baseline and not what is tested here.
fn prepare(admin: &Client) {
    let role = admin.post(
        "/v1/roles",
        &json!({"name": "Worker", "scopes": ["work:do"]}),
    );
    assert_eq!(role.status, 201, "{}", role.text());
    let account = admin.post(
        "/v1/service-accounts",
        &json!({"name": "worker", "roles": ["Worker"]}),
    );
    assert_eq!(account.status, 201, "{}", account.text());
    push(admin, "first-import", "2099-01-01T00:00:00Z").succeeded();
}

/// Callers work beside each other; after a random while the server dies under them.
fn work_until_killed(
    server: Server,
    answered: &Arc<Mutex<Answered>>,
    random: &Arc<SeededRandom>,
    death: usize,
) {
    let admin = server.admin();
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let callers: Vec<_> = (0..3)
        .map(|caller| {
            let (admin, answered, random, stop) = (
                admin.clone(),
                Arc::clone(answered),
                Arc::clone(random),
                Arc::clone(&stop),
            );
            thread::spawn(move || {
                for turn in 0.. {
                    if stop.load(std::sync::atomic::Ordering::SeqCst) {
                        break;
                    }
                    let name = format!("d{death}-c{caller}-t{turn}");
                    one_call(&admin, &answered, random.next(), &name);
                }
            })
        })
        .collect();
    thread::sleep(Duration::from_millis(50 + random.next() % 1200));
    server.kill();
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    for caller in callers {
        caller.join().unwrap();
    }
}

/// One random call; only what was answered is remembered.
fn one_call(admin: &Client, answered: &Mutex<Answered>, random: u64, name: &str) {
    match random % 8 {
        0..=2 => issue(admin, answered, name),
        3 | 4 => rotate(admin, answered, random),
        5 => revoke(admin, answered, random),
        _ => {
            if push(admin, name, &in_hours(20)).answered() {
                answered.lock().unwrap().pushed.insert(name.to_owned());
            }
        }
    }
}

fn issue(admin: &Client, answered: &Mutex<Answered>, name: &str) {
    let body = json!({"name": name, "owner": "worker", "scopes": ["work:do"]});
    if let Some((id, value)) = call(admin, "/v1/tokens", &body).and_then(|reply| issued(&reply)) {
        answered.lock().unwrap().alive.insert(id, value);
    }
}

fn rotate(admin: &Client, answered: &Mutex<Answered>, random: u64) {
    let Some((id, _)) = pick(&answered.lock().unwrap().alive, random) else {
        return;
    };
    let reply = call(
        admin,
        &format!("/v1/tokens/{id}/rotate"),
        &json!({"overlap": "2h"}),
    );
    if let Some((new, value)) = reply.and_then(|reply| issued(&reply)) {
        answered.lock().unwrap().alive.insert(new, value);
    }
}

fn revoke(admin: &Client, answered: &Mutex<Answered>, random: u64) {
    // Taken out first: while the answer is open, nobody may claim it works or not.
    let Some((id, value)) = pick(&answered.lock().unwrap().alive, random) else {
        return;
    };
    if answered.lock().unwrap().alive.remove(&id).is_none() {
        return;
    }
    if call(admin, &format!("/v1/tokens/{id}/revoke"), &json!({}))
        .is_some_and(|r| (200..300).contains(&r.status))
    {
        answered.lock().unwrap().revoked.insert(id, value);
    }
}

fn pick(from: &BTreeMap<String, String>, random: u64) -> Option<(String, String)> {
    let at = usize::try_from(random / 8).unwrap_or(0) % from.len().max(1);
    from.iter()
        .nth(at)
        .map(|(id, value)| (id.clone(), value.clone()))
}

pub(crate) fn issued(reply: &Reply) -> Option<(String, String)> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    (reply.status == 201)
        .then(|| text("/token/id").zip(text("/value")))
        .flatten()
}

/// `None` when the server died before it answered.
pub(crate) fn call(admin: &Client, path: &str, body: &Value) -> Option<Reply> {
    admin
        .try_request(
            "POST",
            path,
            &[("content-type", "application/json")],
            body.to_string().as_bytes(),
        )
        .ok()
}

/// What was answered stands: values work, or do not.
fn check(server: &Server, answered: &Answered) {
    // P5: a node that is not sure of the latest answers 503, and is asked again.
    let works = |value: &str| {
        let mut status = 503;
        comes_true(30, || {
            status = server.client().bearer(value).get("/v1/tokens/self").status;
            status != 503
        });
        status
    };
    for (id, value) in &answered.alive {
        assert_eq!(
            works(value),
            200,
            "token {id} was issued or kept, and answered for"
        );
    }
    for (id, value) in &answered.revoked {
        assert_eq!(
            works(value),
            401,
            "token {id} was revoked, and answered for"
        );
    }
}

/// Every credential whose push was answered is named to the receiver, and settled.
pub(crate) fn every_warning_arrives(
    admin: &Client,
    receiver: &Receiver,
    pushed: &BTreeSet<String>,
    log: impl Fn() -> String,
) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told: BTreeSet<String> = receiver
            .received()
            .iter()
            .flat_map(|r| named(&r.body))
            .collect();
        // A long digest names the first of its credentials and counts the rest; of those
        // the ledger knows what the receiver accepted.
        let mut missing: BTreeSet<&String> = pushed.difference(&told).collect();
        let accepted = in_the_ledger(admin, &missing);
        missing.retain(|name| !accepted.contains(*name));
        if missing.is_empty() {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "never told: {missing:?}\n{}\n{}",
            known_of(admin, &missing),
            log()
        );
        thread::sleep(Duration::from_millis(500));
    }
}

/// Which of these the ledger says the receiver accepted.
fn in_the_ledger(admin: &Client, names: &BTreeSet<&String>) -> BTreeSet<String> {
    let (mut found, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let page = admin
            .get(&format!("/v1/alerts?limit=200{cursor}"))
            .expect(200)
            .json();
        for alert in page["items"].as_array().unwrap() {
            let name = alert["name"].as_str().unwrap_or_default().to_owned();
            let id = alert["id"].as_str().unwrap();
            if names.contains(&name) && is_accepted(admin, id) {
                found.insert(name);
            }
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// What the server knows of these: what was to be said of each, and in which messages.
fn known_of(admin: &Client, names: &BTreeSet<&String>) -> String {
    let mut known = String::new();
    for name in names {
        known.push_str(&format!("{name}:\n"));
        let alerts = admin.get("/v1/alerts?limit=200").json();
        let alerts = alerts["items"].as_array().cloned().unwrap_or_default();
        for alert in alerts.iter().filter(|a| a["name"] == name.as_str()) {
            let id = alert["id"].as_str().unwrap_or_default();
            known.push_str(&admin.get(&format!("/v1/alerts/{id}")).text());
            let messages = admin.get(&format!("/v1/messages?alert={id}"));
            known.push_str(&format!("\nmessages: {}\n", messages.text()));
        }
    }
    known
}

fn is_accepted(admin: &Client, alert: &str) -> bool {
    let alert = admin.get(&format!("/v1/alerts/{alert}")).json();
    let notices = alert["notices"].as_array().cloned().unwrap_or_default();
    let told = |n: &Value| n["recipient"] == "channel:hook" && n["state"] == "accepted";
    notices.iter().any(told)
}

/// The issuer ids a message names, alone or in a digest.
fn named(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = vec![body];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(fields) => {
                found.extend(
                    fields
                        .get("external_id")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                rest.extend(fields.values());
            }
            Value::Array(items) => rest.extend(items),
            _ => {}
        }
    }
    found
}

/// P2: messages repeat so many times at most, each once, under the same id; what is said of
/// one credential is said in one message.
pub(crate) fn no_message_comes_too_often(receiver: &Receiver, repeats_max: usize) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut carriers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for received in receiver.received() {
        for name in named(&received.body) {
            carriers
                .entry(name)
                .or_default()
                .insert(received.id.clone());
        }
        *times.entry(received.id).or_default() += 1;
    }
    let repeats: usize = times.values().map(|n| n - 1).sum();
    println!("{} messages, {repeats} repeats", times.len());
    assert!(repeats <= repeats_max, "{repeats} repeats of {repeats_max}");
    assert!(
        times.values().all(|n| *n <= 2),
        "a message came three times: {times:?}"
    );
    let doubled: Vec<_> = carriers.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(doubled.is_empty(), "told in two messages: {doubled:?}");
}
