//! How much more does one processor answer than with what others use for this?
//!
//! Each rival has its own small program under `bench/peers`, set up as its manual says and
//! with few tokens, which is its best case. One that is not installed is passed over.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use super::contender::Contender;
use super::requests::{form, write};
use crate::Args;
use crate::machine;
use crate::row::{Bound, Row};
use crate::stage;

struct Rival {
    name: &'static str,
    compared: &'static str,
    script: &'static str,
    text: &'static str,
    bound: f64,
    stretch: f64,
    request: fn(&str) -> String,
}

const RIVALS: [Rival; 3] = [
    Rival {
        name: "verify against oidc-provider",
        compared: "introspection, in memory, 900 tokens",
        script: "introspect.mjs",
        text: include_str!("../../peers/introspect.mjs"),
        bound: 10.0,
        stretch: 17.0,
        request: |token| {
            let body = format!("token={token}");
            // bench:bench-secret-bench-secret
            let basic = "YmVuY2g6YmVuY2gtc2VjcmV0LWJlbmNoLXNlY3JldA==";
            format!(
                "POST /token/introspection HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Basic {basic}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        },
    },
    Rival {
        name: "verify against better-auth",
        compared: "api-key, SQLite, 2000 keys, rate limit off",
        script: "apikey.mjs",
        text: include_str!("../../peers/apikey.mjs"),
        bound: 80.0,
        stretch: 120.0,
        request: |key| format!("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {key}\r\n\r\n"),
    },
    Rival {
        name: "verify against djangorestframework-api-key",
        compared: "SQLite, gunicorn 2 × 4 threads, 1000 keys",
        script: "drf.py",
        text: include_str!("../../peers/drf.py"),
        bound: 100.0,
        stretch: 150.0,
        request: |key| {
            format!("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Api-Key {key}\r\n\r\n")
        },
    },
];

/// Where the rivals are installed; `cargo xtask bench --peers` does it.
pub fn python(args: &Args) -> Option<PathBuf> {
    let there = args.peers.as_ref()?.join("py/bin/python");
    there.is_file().then_some(there)
}

fn node(args: &Args) -> Option<(PathBuf, PathBuf)> {
    let home = args.peers.as_ref()?.join("npm");
    let own = home.join("node_modules/node/bin/node");
    own.is_file().then_some((own, home))
}

/// The rows of the comparison with others.
///
/// # Errors
/// When one that is installed does not work, or an answer is wrong.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let present: Vec<(&Rival, Command)> = RIVALS.iter().filter_map(|r| command(args, r)).collect();
    if present.is_empty() {
        return Ok(Vec::new());
    }
    let stage = stage::set(args)?;
    let server = stage::serve(args, &stage.data)?;
    let asked = stage.tokens.iter().map(|token| form(&stage.asker, token));
    let path = args.dir.join("rivals.requests");
    write(&path, &asked.collect::<Vec<_>>())?;
    let mut ours = Contender::new("introspect", server.id(), server.address(), path);
    let mut others = Vec::new();
    for (rival, command) in present {
        others.push((rival, Running::start(args, rival, command)?));
    }
    for _ in 0..args.rounds {
        ours.burst(args)?;
        for (_, running) in &mut others {
            running.contender.burst(args)?;
        }
    }
    server.stop();
    Ok(others
        .iter()
        .map(|(rival, them)| row(rival, &ours, &them.contender))
        .collect())
}

fn row(rival: &Rival, ours: &Contender, theirs: &Contender) -> Row {
    let (a, b) = (
        ours.middle(|burst| burst.rate),
        theirs.middle(|burst| burst.rate),
    );
    Row {
        name: rival.name,
        compared: rival.compared,
        bound: Bound::AtLeast(rival.bound),
        stretch: Bound::AtLeast(rival.stretch),
        numbers: format!("{:.0} k against {:.2} k a second", a / 1e3, b / 1e3),
        value: a / b,
        others: theirs.middle(|burst| burst.others),
    }
}

/// What starts it, on one processor; `None` and a word where it is not installed.
fn command(args: &Args, rival: &Rival) -> Option<(&'static Rival, Command)> {
    let rival = RIVALS.iter().find(|r| r.name == rival.name)?;
    let script = args.dir.join(rival.script);
    fs::write(&script, rival.text).ok()?;
    let command = match rival.script.ends_with(".py") {
        true => python(args).map(|python| {
            let mut command = machine::pinned(0, &python);
            command.arg(&script);
            command
        }),
        false => node(args).map(|(node, home)| {
            let mut command = machine::pinned(0, &node);
            command.arg(&script).arg(home);
            command
        }),
    };
    if command.is_none() {
        println!(
            "{} is skipped: not installed; run `cargo xtask bench --peers`",
            rival.name
        );
    }
    Some((rival, command?))
}

/// A rival that listens, until it is dropped.
struct Running {
    child: Child,
    contender: Contender,
}

impl Running {
    fn start(args: &Args, rival: &Rival, mut command: Command) -> Result<Self> {
        let keys = args.dir.join(format!("{}.keys", rival.script));
        command
            .arg(&keys)
            .arg(args.dir.join(format!("{}.db", rival.script)));
        let mut child = command
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let told = BufReader::new(out).lines().map_while(Result::ok);
        let mut address = None;
        for line in told {
            if let Some((_, found)) = line.split_once("listening on http://") {
                address = found.trim().parse().ok();
                break;
            }
        }
        let address: SocketAddr = match address {
            Some(address) => address,
            None => {
                end(&mut child);
                anyhow::bail!("{} does not listen", rival.script);
            }
        };
        let requests = requests(args, rival, &keys)?;
        let contender = Contender::new(rival.name, child.id(), address, requests);
        Ok(Self { child, contender })
    }
}

fn requests(args: &Args, rival: &Rival, keys: &Path) -> Result<PathBuf> {
    let text = fs::read_to_string(keys)?;
    let all: Vec<String> = text.lines().map(rival.request).collect();
    let path = args.dir.join(format!("{}.requests", rival.script));
    write(&path, &all)?;
    Ok(path)
}

/// Asked to end first: one that has workers ends them too.
fn end(child: &mut Child) {
    let asked = Command::new("kill").arg(child.id().to_string()).status();
    if asked.is_err() {
        child.kill().ok();
    }
    child.wait().ok();
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
