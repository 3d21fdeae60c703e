//! What does it cost to ask whether a token is good, beside what the HTTP library costs?
//!
//! Judged is what one processor can do in a second: answers by the time that the server
//! spent on it. On a quiet machine that is the rate; on another it still is fair.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};

use crate::Args;
use crate::load::Outcome;
use crate::machine::{self, Watch};
use crate::row::{Bound, Row, median};
use crate::stage::{self, Stage};

/// A generator busier than this measures itself.
const BUSY_MAX: f64 = 0.95;

/// Somebody who answers, and what he is asked.
struct Contender {
    name: &'static str,
    pid: u32,
    to: SocketAddr,
    requests: PathBuf,
    status: u16,
    bursts: Vec<Burst>,
}

struct Burst {
    /// Answers in a second of the server's processor.
    rate: f64,
    p99: f64,
    others: f64,
    void: bool,
}

/// The rows of verifying.
///
/// # Errors
/// When a server does not start, or an answer is wrong.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let stage = stage::set(args)?;
    let server = stage::serve(args, &stage.data)?;
    let memory = machine::memory_of(server.id()).unwrap_or(0);
    let own = server
        .client()
        .bearer(stage.tokens.first().context("no token")?);
    let bytes = own.get("/v1/tokens/self").body.len();
    let mut hyper = bare(bytes)?;
    let mut contenders = contenders(args, &stage, (server.id(), server.address()), &hyper)?;
    for _ in 0..args.rounds {
        for contender in &mut contenders {
            contender.burst(args)?;
        }
    }
    hyper.child.kill().ok();
    hyper.child.wait().ok();
    let per_token = memory as f64 / args.tokens as f64;
    let mut rows = rows(&contenders);
    rows.push(Row {
        name: "verify, memory",
        compared: "bytes of the whole process a token",
        bound: Bound::AtMost(150.0),
        stretch: Bound::AtMost(110.0),
        numbers: format!("{:.0} MB for {} tokens", memory as f64 / 1e6, args.tokens),
        value: per_token,
        others: 0.0,
    });
    server.stop();
    Ok(rows)
}

struct Bare {
    child: Child,
    address: SocketAddr,
}

fn bare(bytes: usize) -> Result<Bare> {
    let mut command = machine::pinned(0, &std::env::current_exe()?);
    command.args([
        "hyper",
        "--listen",
        "127.0.0.1:0",
        "--bytes",
        &bytes.to_string(),
    ]);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    let out = child.stdout.take().context("no output")?;
    BufReader::new(out).read_line(&mut line)?;
    let (_, address) = line.trim().split_once("http://").context("no address")?;
    let address = address.parse()?;
    Ok(Bare { child, address })
}

fn contenders(
    args: &Args,
    stage: &Stage,
    ours: (u32, SocketAddr),
    hyper: &Bare,
) -> Result<Vec<Contender>> {
    let theirs = (hyper.child.id(), hyper.address);
    let own: Vec<String> = stage.tokens.iter().map(|token| own(token)).collect();
    let form: Vec<String> = stage
        .tokens
        .iter()
        .map(|token| form(&stage.asker, token))
        .collect();
    let verify = stage.tokens.iter();
    let verify: Vec<String> = verify
        .map(|token| get("/auth/verify?scope=billing:read", token))
        .collect();
    // Genuine in form, of ids that nobody has: valid checksums of another key's tokens.
    let unknown: Vec<String> = strangers()
        .iter()
        .map(|token| form2(&stage.asker, token))
        .collect();
    let typo: Vec<String> = stage
        .tokens
        .iter()
        .map(|token| form2(&stage.asker, &mistyped(token)))
        .collect();
    let mut all = Vec::new();
    for (name, (pid, to), requests) in [
        ("hyper GET", theirs, &own),
        ("self", ours, &own),
        ("hyper POST", theirs, &form),
        ("introspect", ours, &form),
        ("auth_verify", ours, &verify),
        ("unknown", ours, &unknown),
        ("mistyped", ours, &typo),
    ] {
        let path = args
            .dir
            .join(format!("{}.requests", name.replace(' ', "-")));
        write(&path, requests)?;
        all.push(Contender {
            name,
            pid,
            to,
            requests: path,
            status: 200,
            bursts: Vec::new(),
        });
    }
    Ok(all)
}

fn write(path: &Path, requests: &[String]) -> Result<()> {
    let all: String = requests
        .iter()
        .map(|text| format!("{}\n{text}", text.len()))
        .collect();
    Ok(fs::write(path, all)?)
}

fn own(token: &str) -> String {
    get("/v1/tokens/self", token)
}

fn get(path: &str, token: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\naccept: application/json\r\n\r\n"
    )
}

fn form(asker: &str, token: &str) -> String {
    form2(asker, token)
}

fn form2(asker: &str, token: &str) -> String {
    let body = format!("token={token}");
    format!(
        "POST /oauth2/introspect HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {asker}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Tokens that nobody issued.
fn strangers() -> Vec<String> {
    use app::ports::Random;
    let random = testkit::SeededRandom::new(99);
    let mut entropy: &dyn Random = &random;
    let kind = domain::token::TokenKind::ServiceAccount;
    (0..10_000)
        .map(|_| {
            domain::token::generate(kind, &mut entropy)
                .1
                .expose()
                .clone()
        })
        .collect()
}

/// The same with its last character changed: the checksum is wrong.
fn mistyped(token: &str) -> String {
    let mut text = token.to_owned();
    let last = text.pop();
    text.push(if last == Some('x') { 'y' } else { 'x' });
    text
}

impl Contender {
    fn burst(&mut self, args: &Args) -> Result<()> {
        let mut command = machine::pinned(1, &std::env::current_exe()?);
        command
            .args(["load", "--to", &self.to.to_string(), "--requests"])
            .arg(&self.requests);
        command.args([
            "--seconds",
            &args.seconds.to_string(),
            "--status",
            &self.status.to_string(),
        ]);
        let watch = Watch::start(&[self.pid]);
        let spent = machine::cpu_of(self.pid);
        let out = command.stderr(Stdio::inherit()).output()?;
        let spent = (machine::cpu_of(self.pid) - spent) as f64 / 1e9;
        let (whole, others) = (watch.seconds(), watch.others());
        let outcome: Outcome =
            serde_json::from_slice(&out.stdout).context("the generator failed")?;
        ensure!(
            outcome.wrong == 0,
            "{}: {} wrong answers",
            self.name,
            outcome.wrong
        );
        // What was spent while warming up is left out, by the share of the time.
        let counted = spent * outcome.seconds / (outcome.seconds + 0.3).min(whole);
        println!(
            "{}: {:.0} a second, {:.2} us of the server each, p99 {:.0} us, generator {:.0} %",
            self.name,
            outcome.answers as f64 / outcome.seconds,
            counted * 1e6 / outcome.answers as f64,
            outcome.p99_us,
            outcome.busy * 100.0
        );
        self.bursts.push(Burst {
            rate: outcome.answers as f64 / counted,
            p99: outcome.p99_us,
            others,
            void: outcome.busy > BUSY_MAX,
        });
        Ok(())
    }

    fn middle(&self, of: impl Fn(&Burst) -> f64) -> f64 {
        let good: Vec<f64> = self
            .bursts
            .iter()
            .filter(|burst| !burst.void)
            .map(&of)
            .collect();
        median(if good.is_empty() {
            self.bursts.iter().map(of).collect()
        } else {
            good
        })
    }
}

fn rows(all: &[Contender]) -> Vec<Row> {
    let [get, own, post, introspect, verify, unknown, typo] = all else {
        return Vec::new();
    };
    let rate = |name, compared, us: &Contender, them: &Contender, bound, stretch| {
        let (a, b) = (
            us.middle(|burst| burst.rate),
            them.middle(|burst| burst.rate),
        );
        Row {
            name,
            compared,
            bound: Bound::AtLeast(bound),
            stretch: Bound::AtLeast(stretch),
            numbers: format!("{:.0} k against {:.0} k a second", a / 1e3, b / 1e3),
            value: a / b,
            others: us.middle(|burst| burst.others),
        }
    };
    let late = |name, compared, us: &Contender, them: &Contender| {
        let (a, b) = (us.middle(|burst| burst.p99), them.middle(|burst| burst.p99));
        Row {
            name,
            compared,
            bound: Bound::AtMost(2.0),
            stretch: Bound::AtMost(1.5),
            numbers: format!("{a:.0} against {b:.0} us"),
            value: a / b,
            others: us.middle(|burst| burst.others),
        }
    };
    let cost = |name, us: &Contender, bound| {
        let (a, b) = (
            1e6 / us.middle(|burst| burst.rate),
            1e6 / introspect.middle(|burst| burst.rate),
        );
        Row {
            name,
            compared: "a hit",
            bound: Bound::AtMost(bound),
            stretch: Bound::AtMost(1.0),
            numbers: format!("{a:.2} against {b:.2} us"),
            value: a / b,
            others: us.middle(|burst| burst.others),
        }
    };
    vec![
        rate("verify, self", "bare hyper, fixed body", own, get, 0.8, 0.9),
        rate(
            "verify, introspect",
            "bare hyper, POST",
            introspect,
            post,
            0.8,
            0.9,
        ),
        rate(
            "verify, forward-auth",
            "bare hyper, fixed body",
            verify,
            get,
            0.8,
            0.9,
        ),
        late("verify, self, p99", "bare hyper's p99", own, get),
        late(
            "verify, introspect, p99",
            "bare hyper's p99",
            introspect,
            post,
        ),
        cost("unknown token", unknown, 1.2),
        cost("mistyped token", typo, 1.0),
    ]
}
