//! Several nodes on one PostgreSQL, as they stand in production: nginx before them,
//! PgBouncer in transaction mode behind them, a synchronous standby behind that.
//!
//! One node is killed, another sleeps for a while, the database restarts and then fails
//! over. What callers were answered holds throughout.

mod callers;
mod cluster;
mod front;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::nginx::free_address;
use serde_json::json;
use testkit::SeededRandom;
use testkit::outside;
use testkit::server::{Launch, Server};

use crate::house::BINARY;
use crate::kill9::{every_warning_arrives, hooked, issued, no_message_comes_too_often};
use crate::push::push;
use crate::receiver::{HOOK_SECRET, Receiver};
use crate::wire::comes_true;

use callers::{Answered, Node, Stage};
use cluster::Cluster;
use front::{Balancer, Pooler};

const NODES: usize = 3;
/// Each may repeat what a node had under way when it was cut off, one message a node.
const DISTURBANCES: usize = 4;

/// What each part takes; long by hand.
struct Times {
    /// Between two disturbances.
    calm: Duration,
    /// How long a node sleeps.
    sleep: Duration,
}

/// F6, F7, F8, F20: a revoked token is refused everywhere within a second, nothing that is
/// due is lost, and nodes that live answer throughout.
#[test]
fn three_nodes_keep_every_promise_while_nodes_die_and_the_database_moves() {
    let (Some(nginx), Some(pgbouncer)) = (outside::program("nginx"), outside::program("pgbouncer"))
    else {
        return;
    };
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let times = match outside::long() {
        true => Times {
            calm: Duration::from_secs(60),
            sleep: Duration::from_secs(60),
        },
        false => Times {
            calm: Duration::from_secs(12),
            sleep: Duration::from_secs(35),
        },
    };
    let folder = tempfile::tempdir().unwrap();
    let pooler = Pooler::start(&pgbouncer, cluster.port());
    let receiver = Receiver::start();
    let house = House {
        folder: folder.path(),
        url: pooler.url(),
        receiver: &receiver,
    };
    let addresses: Vec<SocketAddr> = (0..NODES).map(|_| free_address()).collect();
    let mut nodes: Vec<Option<Server>> = addresses
        .iter()
        .enumerate()
        .map(|(index, address)| Some(house.launch(index, *address).start()))
        .collect();
    let balancer = Balancer::start(&nginx, &addresses);
    let stage = Arc::new(prepare(nodes[0].as_ref().unwrap(), &addresses, &balancer));
    assert!(all_answer(&stage), "every node answers before it begins");
    let callers = callers::begin(&stage);

    std::thread::sleep(times.calm);
    say("one node is killed");
    up(&stage, 0, false);
    nodes[0].take().unwrap().kill();
    std::thread::sleep(times.calm / 2);
    nodes[0] = Some(house.launch(0, addresses[0]).start());
    up(&stage, 0, true);

    std::thread::sleep(times.calm / 2);
    say("another sleeps, and meanwhile the database restarts");
    up(&stage, 1, false);
    nodes[1].as_ref().unwrap().signal("STOP");
    let asleep = Instant::now();
    std::thread::sleep(times.calm);
    cluster.restart();
    std::thread::sleep(times.sleep.saturating_sub(asleep.elapsed()));
    nodes[1].as_ref().unwrap().signal("CONT");
    up(&stage, 1, true);

    std::thread::sleep(times.calm);
    say("the database fails over");
    cluster.fail_over();
    pooler.lead_to(cluster.port());
    std::thread::sleep(times.calm);
    assert!(
        all_answer(&stage),
        "every node answers again: {}",
        logs(&nodes)
    );
    std::thread::sleep(times.calm);

    stage.over.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.join().unwrap();
    }
    judge(&stage, &receiver, nodes[2].as_ref().unwrap());
}

/// Where the nodes live and what they are told.
struct House<'a> {
    folder: &'a Path,
    url: String,
    receiver: &'a Receiver,
}

impl House<'_> {
    fn launch(&self, index: usize, address: SocketAddr) -> Launch {
        let keys: PathBuf = self.folder.join("keys");
        let server = format!("[server]\nkey_file = \"{}\"\n", keys.display());
        let config = server + &hooked(self.receiver);
        let launch = Launch::new(BINARY, &self.folder.join(format!("node{index}")))
            .on(address)
            .config(&config)
            .env("HOOK_SECRET", HOOK_SECRET)
            .arg("--database")
            .arg(&self.url);
        if index == 0 {
            launch.bootstrap()
        } else {
            launch
        }
    }
}

fn prepare(first: &Server, addresses: &[SocketAddr], balancer: &Balancer) -> Stage {
    let admin = first.admin();
    let role = json!({"name": "Worker", "scopes": ["work:do"]});
    let _ = admin.post("/v1/roles", &role).expect(201);
    let account = json!({"name": "worker", "roles": ["Worker"]});
    let _ = admin.post("/v1/service-accounts", &account).expect(201);
    // The first import of a source is a baseline, and not what is tested here.
    push(&admin, "first-import", "2099-01-01T00:00:00Z").succeeded();
    let steady = json!({"name": "steady", "owner": "worker", "scopes": ["work:do"]});
    let made = admin.post("/v1/tokens", &steady).expect(201);
    let (_, steady) = issued(&made).unwrap();
    let node = |address: &SocketAddr| Node {
        address: *address,
        up: AtomicBool::new(true),
        answers: AtomicU64::new(0),
        unsure: AtomicU64::new(0),
    };
    Stage {
        nodes: addresses.iter().map(node).collect(),
        balancer: balancer.client(),
        admin: admin.token().unwrap().to_owned(),
        steady,
        answered: Mutex::new(Answered::default()),
        random: SeededRandom::new(20_261_127),
        over: AtomicBool::new(false),
    }
}

fn all_answer(stage: &Stage) -> bool {
    let is_sure = |node: &Node| {
        let client = testkit::http::Client::new(node.address).bearer(&stage.steady);
        let reply = client.try_request("GET", "/v1/tokens/self", &[], b"");
        reply.is_ok_and(|reply| reply.status == 200)
    };
    comes_true(60, || stage.nodes.iter().all(is_sure))
}

fn judge(stage: &Stage, receiver: &Receiver, node: &Server) {
    let answered = stage.answered.lock().unwrap();
    for (index, node) in stage.nodes.iter().enumerate() {
        println!(
            "node {index}: {} answers, {} times unsure",
            node.answers.load(Ordering::SeqCst),
            node.unsure.load(Ordering::SeqCst)
        );
    }
    println!(
        "{} tokens work, {} are revoked, {} credentials to warn of",
        answered.alive.len(),
        answered.revoked.len(),
        answered.pushed.len()
    );
    assert!(answered.broken.is_empty(), "{:#?}", answered.broken);
    assert!(!answered.revoked.is_empty() && !answered.pushed.is_empty());
    let admin = node.client().bearer(&stage.admin);
    every_warning_arrives(&admin, receiver, &answered.pushed, || node.log());
    no_message_comes_too_often(receiver, DISTURBANCES * NODES);
}

fn up(stage: &Stage, node: usize, up: bool) {
    stage.nodes[node].up.store(up, Ordering::SeqCst);
}

fn say(what: &str) {
    println!("{what}");
}

fn logs(nodes: &[Option<Server>]) -> String {
    let logs = nodes.iter().flatten().map(Server::log);
    logs.collect::<Vec<_>>().join("\n--\n")
}

/// A port that nobody uses at this moment.
fn free_port() -> u16 {
    free_address().port()
}
