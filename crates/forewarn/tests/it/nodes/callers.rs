//! Those who use the nodes while these die: what they were answered, and what must not be.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::SeededRandom;
use testkit::http::Client;

use crate::kill9::{call, issued};
use crate::push::{in_hours, push};

/// P5: so long after the answer no node knows it otherwise.
const ACROSS_NODES: Duration = Duration::from_secs(1);

/// A node as its callers see it.
pub(super) struct Node {
    pub(super) address: SocketAddr,
    /// Neither dead nor stopped: it must answer.
    pub(super) up: AtomicBool,
    /// How often it answered, and how often "not sure, ask another" (503).
    pub(super) answers: AtomicU64,
    pub(super) unsure: AtomicU64,
}

/// What was answered, and when.
#[derive(Default)]
pub(super) struct Answered {
    pub(super) alive: BTreeMap<String, (String, Option<Instant>)>,
    pub(super) revoked: Vec<(String, Instant)>,
    pub(super) pushed: BTreeSet<String>,
    /// What no promise allows.
    pub(super) broken: Vec<String>,
}

/// All that the callers share.
pub(super) struct Stage {
    pub(super) nodes: Vec<Node>,
    pub(super) balancer: Client,
    pub(super) admin: String,
    /// A token that works all the time.
    pub(super) steady: String,
    pub(super) answered: Mutex<Answered>,
    pub(super) random: SeededRandom,
    pub(super) over: AtomicBool,
}

impl Stage {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::SeqCst)
    }

    fn broken(&self, what: String) {
        self.answered.lock().unwrap().broken.push(what);
    }

    fn admin_of(&self, client: &Client) -> Client {
        client.bearer(&self.admin)
    }
}

/// Lets everybody begin; they end when the stage is over.
pub(super) fn begin(stage: &Arc<Stage>) -> Vec<JoinHandle<()>> {
    let mut begun = Vec::new();
    for index in 0..stage.nodes.len() {
        for work in [stays_reachable as fn(&Stage, usize), tells_no_lies] {
            let stage = Arc::clone(stage);
            begun.push(thread::spawn(move || work(&stage, index)));
        }
    }
    for caller in 0..2 {
        let stage = Arc::clone(stage);
        begun.push(thread::spawn(move || works(&stage, caller)));
    }
    begun
}

/// A node that is up answers, whatever happens around it.
fn stays_reachable(stage: &Stage, index: usize) {
    let node = &stage.nodes[index];
    let client = Client::new(node.address).bearer(&stage.steady);
    while stage.goes_on() {
        let up = || node.up.load(Ordering::SeqCst);
        if up() {
            let status = client
                .try_request("GET", "/v1/tokens/self", &[], b"")
                .map(|reply| reply.status);
            match status {
                Ok(200) => drop(node.answers.fetch_add(1, Ordering::SeqCst)),
                Ok(503) => drop(node.unsure.fetch_add(1, Ordering::SeqCst)),
                other if up() => stage.broken(format!("node {index} answers {other:?}")),
                _ => {}
            }
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// P5: a second after the answer no node takes a revoked token for good, or a new one for
/// none; also one that was asleep, and is asked while it sleeps.
fn tells_no_lies(stage: &Stage, index: usize) {
    let client = Client::new(stage.nodes[index].address);
    while stage.goes_on() {
        thread::sleep(Duration::from_millis(20));
        let Some((value, id)) = somebody(stage) else {
            continue;
        };
        let ask = || {
            let client = client.bearer(&value);
            let reply = client.try_request("GET", "/v1/tokens/self", &[], b"");
            reply.map(|reply| reply.status)
        };
        let asked_at = Instant::now();
        match (ask(), id) {
            (Ok(200), None) => {
                let took = asked_at.elapsed();
                let again = ask();
                stage.broken(format!(
                    "node {index} takes a revoked token {}; it took {took:?}, and then {again:?}",
                    since_revoked(stage, &value, asked_at),
                ));
            }
            (Ok(401), Some(id)) if stage.answered.lock().unwrap().alive.contains_key(&id) => {
                stage.broken(format!("node {index} does not know {id}"));
            }
            _ => {}
        }
    }
}

/// How long before this the revocation was answered.
fn since_revoked(stage: &Stage, value: &str, asked_at: Instant) -> String {
    let answered = stage.answered.lock().unwrap();
    let revoked = answered.revoked.iter().find(|(known, _)| known == value);
    let since = revoked.map(|(_, at)| asked_at.duration_since(*at));
    format!("{since:?} after the answer")
}

/// A value of which every node must know by now; with its id if it works.
fn somebody(stage: &Stage) -> Option<(String, Option<String>)> {
    let answered = stage.answered.lock().unwrap();
    let random = usize::try_from(stage.random.next() >> 8).unwrap_or(0);
    let known = |at: &Instant| at.elapsed() >= ACROSS_NODES;
    if random.is_multiple_of(4) {
        let (id, (value, at)) = answered
            .alive
            .iter()
            .nth(random / 4 % answered.alive.len().max(1))?;
        return at
            .as_ref()
            .is_none_or(known)
            .then(|| (value.clone(), Some(id.clone())));
    }
    // Mostly one of the last few: those are where a lie would be.
    let last = answered.revoked.iter().rev().filter(|(_, at)| known(at));
    let (value, _) = last.take(8).nth(random / 4 % 8)?;
    Some((value.clone(), None))
}

/// Issues, revokes and tells of credentials, through the balancer as users do.
fn works(stage: &Stage, caller: usize) {
    let admin = stage.admin_of(&stage.balancer);
    let mut turn = 0_u64;
    while stage.goes_on() {
        turn += 1;
        let name = format!("c{caller}-t{turn}");
        match stage.random.next() % 8 {
            0..=3 => issue(stage, &admin, &name),
            4..=6 => revoke(stage, &admin),
            _ => {
                if push(&admin, &name, &in_hours(20)).answered() {
                    stage.answered.lock().unwrap().pushed.insert(name);
                }
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn issue(stage: &Stage, admin: &Client, name: &str) {
    let body = json!({"name": name, "owner": "worker", "scopes": ["work:do"]});
    let made = call(admin, "/v1/tokens", &body).and_then(|reply| issued(&reply));
    if let Some((id, value)) = made {
        let at = Some(Instant::now());
        stage.answered.lock().unwrap().alive.insert(id, (value, at));
    }
}

fn revoke(stage: &Stage, admin: &Client) {
    let taken = {
        // Taken out first: while the answer is open, nobody may claim it works or not.
        let mut answered = stage.answered.lock().unwrap();
        let index = usize::try_from(stage.random.next() >> 8).unwrap_or(0);
        let index = index % answered.alive.len().max(1);
        let id = answered.alive.keys().nth(index).cloned();
        id.and_then(|id| answered.alive.remove_entry(&id))
    };
    let Some((id, (value, _))) = taken else {
        return;
    };
    let done = call(admin, &format!("/v1/tokens/{id}/revoke"), &json!({}));
    if done.is_some_and(|reply| (200..300).contains(&reply.status)) {
        let revoked = (value, Instant::now());
        stage.answered.lock().unwrap().revoked.push(revoked);
    }
}
