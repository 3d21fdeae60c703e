//! A town to look at: people, teams, sources, and as many credentials as wanted, pushed
//! and swept like any others.

use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::{Duration, Instant as Moment};

use anyhow::{Context, Result, bail, ensure};
use domain::kernel::{Instant, Span};
use serde_json::{Value, json};
use testkit::http::Client;
use testkit::server::{Launch, Server};

use crate::Args;
use crate::dice::Dice;
use crate::stage;

const PEOPLE: u64 = 500;
const TEAMS: u64 = 40;
const SOURCES: u64 = 12;
/// Lines of one push.
const TOGETHER: u64 = 10_000;
/// Longer than this no first sweep takes.
const PATIENCE: Duration = Duration::from_secs(600);

const WORDS: [&str; 8] = [
    "nightly-export",
    "ci-deploy",
    "billing-sync",
    "grafana-reader",
    "backup",
    "sensor-feed",
    "release-train",
    "inventory",
];
const KINDS: [&str; 3] = ["api_token", "personal_access_token", "service_key"];

/// What the first admin signs in with.
pub const ADMIN: &str = "email=ada%40example.org&password=correct+horse+battery+staple";

/// A running server with its inhabitants.
pub struct Town {
    pub server: Server,
    /// The value of a token of somebody without any right here.
    pub member: String,
}

/// Starts it, and fills it where no earlier run did.
///
/// # Errors
/// When the server does not do what it should.
pub fn open(args: &Args) -> Result<Town> {
    let data = args.dir.join(format!("town-{}", args.credentials));
    let kept = data.with_extension("member");
    let is_new = !kept.exists();
    if is_new {
        fs::remove_dir_all(&data).ok();
        fs::remove_file(data.with_extension("token")).ok();
    }
    let wrapper = stage::pinned(args, &data)?;
    let launch = Launch::new(&wrapper, &data).config(&config());
    if !is_new {
        let (server, member) = (launch.start(), fs::read_to_string(&kept)?);
        return Ok(Town { server, member });
    }
    let server = launch.bootstrap().start();
    let member = settle(args, &server)?;
    fs::write(kept, &member)?;
    Ok(Town { server, member })
}

fn config() -> String {
    let mut text = String::from(
        "[audience]\ncatch_all = ['ops@example.org']\n[channels.kept]\nkind = 'outbox'\n",
    );
    for number in 0..SOURCES {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "[sources.system-{number}]\nsystem = 'push'\nteam = 'Team {number}'"
        );
    }
    text
}

/// Lets everybody move in; the value of a member's token.
fn settle(args: &Args, server: &Server) -> Result<String> {
    let admin = server.admin();
    found(server)?;
    for number in 0..PEOPLE {
        let person = json!({"name": format!("Person {number}"), "email": address(number)});
        made(&admin, "/v1/people", &person)?;
    }
    for number in 0..TEAMS {
        let members: Vec<String> = (0..PEOPLE)
            .filter(|person| person % TEAMS == number)
            .map(address)
            .collect();
        let team = json!({"name": format!("Team {number}"), "members": members});
        made(&admin, "/v1/teams", &team)?;
    }
    let mut dice = Dice::new(42);
    for begin in (0..args.credentials).step_by(usize::try_from(TOGETHER)?) {
        push(
            &admin,
            &mut dice,
            begin..args.credentials.min(begin + TOGETHER),
        )?;
    }
    rest(&admin)?;
    let token = json!({"name": "browser", "owner": address(7), "roles": ["None"]});
    let issued = made(&admin, "/v1/tokens", &token)?;
    Ok(issued["value"].as_str().context("no value")?.to_owned())
}

fn address(person: u64) -> String {
    format!("person-{person}@example.org")
}

/// The first admin, through the link.
fn found(server: &Server) -> Result<()> {
    let line = server.wait_for_line("/setup/", Duration::from_secs(30));
    let line = line.context("no link")?;
    let link = line.split_whitespace().find_map(|word| {
        let at = word.find("/setup/")?;
        word.get(at..)
    });
    let form = format!("name=Ada&{ADMIN}");
    let reply = server.client().form(link.context("no link")?, &form);
    ensure!(reply.status == 200, "no admin: {}", reply.status);
    Ok(())
}

fn made(admin: &Client, path: &str, body: &Value) -> Result<Value> {
    let reply = admin.post(path, body);
    ensure!(reply.status == 201, "{path}: {}", reply.text());
    Ok(reply.json())
}

fn push(admin: &Client, dice: &mut Dice, numbers: std::ops::Range<u64>) -> Result<()> {
    let mut lines: Vec<String> = (0..SOURCES).map(|_| String::new()).collect();
    let now = now()?;
    for number in numbers {
        let source = usize::try_from(dice.below(SOURCES))?;
        let line = credential(dice, number, now);
        // Writing to a String cannot fail.
        let _ = lines.get_mut(source).map(|text| writeln!(text, "{line}"));
    }
    for (source, lines) in lines.iter().enumerate() {
        let path = format!("/v1/sources/system-{source}/observations");
        let kind = [("content-type", "application/x-ndjson")];
        let reply = admin.request("POST", &path, &kind, lines.as_bytes());
        ensure!(reply.status == 200, "{path}: {}", reply.text());
    }
    Ok(())
}

fn now() -> Result<Instant> {
    let now = std::time::UNIX_EPOCH.elapsed()?;
    Ok(Instant::from_micros(i64::try_from(now.as_micros())?))
}

/// Most end within two years, some have ended, some never do; of a few nobody knows when,
/// or whose they are.
fn credential(dice: &mut Dice, number: u64, now: Instant) -> Value {
    let ago = |dice: &mut Dice, days: u64| {
        let hours = i64::try_from(dice.below(days * 24)).unwrap_or(0);
        (now - Span::minutes(hours * 60 + 1)).to_string()
    };
    let (word, kind) = (dice.pick(&WORDS), dice.pick(&KINDS));
    let ahead = i64::try_from(dice.below(730 * 24 * 60)).unwrap_or(0);
    let end = now + Span::minutes(ahead) - Span::days(30);
    let (owner, place) = (dice.below(PEOPLE), dice.below(300));
    let mut line = json!({
        "external_id": number.to_string(),
        "name": format!("{word}-{number}"),
        "kind": kind,
        "created_at": ago(dice, 400),
        "last_used_at": ago(dice, 200),
        "scopes": ["read", format!("project-{}", dice.below(50))],
        "used_by": [{"what": format!("job {place}")}],
        "origin_url": format!("https://system.example.org/tokens/{number}"),
    });
    if !dice.in_1000(20) {
        line["owner"] = address(owner).into();
    }
    match dice.below(100) {
        0..3 => line["expires_at"] = "never".into(),
        3..5 => {}
        _ => line["expires_at"] = end.to_string().into(),
    }
    line
}

/// Waits until the sweep said all that was due.
fn rest(admin: &Client) -> Result<()> {
    let began = Moment::now();
    let mut before = String::new();
    while began.elapsed() < PATIENCE {
        thread::sleep(Duration::from_secs(5));
        let metrics = admin.get("/metrics").text();
        let counts = metrics
            .lines()
            .filter(|l| l.starts_with("forewarn_alerts{"));
        // They come in any order.
        let mut counts: Vec<&str> = counts.collect();
        counts.sort_unstable();
        let counts = counts.join("\n");
        if !counts.is_empty() && counts == before {
            return Ok(());
        }
        before = counts;
    }
    bail!("the first sweep does not end")
}
