//! What does it cost to ask whether a token is good, beside what the HTTP library costs?
//!
//! Judged is what one processor can do in a second: answers by the time that the server
//! spent on it. On a quiet machine that is the rate; on another it still is fair.

pub mod contender;
pub mod mixed;
pub mod requests;
pub mod rivals;

use std::net::SocketAddr;

use anyhow::{Context, Result};

use crate::Args;
use crate::machine;
use crate::row::{Bound, Row};
use crate::stage::{self, Stage};
use contender::{Bare, Contender, bare};
use requests::{form, get, mistyped, own, strangers, write};
use testkit::server::Launch;

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
    let hyper = bare(bytes)?;
    let mut contenders = contenders(args, &stage, (server.id(), server.address()), &hyper)?;
    for _ in 0..args.rounds {
        for contender in &mut contenders {
            contender.burst(args)?;
        }
    }
    let mut rows = rows(&contenders);
    rows.push(Row {
        name: "verify, memory",
        compared: "bytes of the whole process a token",
        bound: Bound::AtMost(150.0),
        stretch: Bound::AtMost(110.0),
        numbers: format!("{:.0} MB for {} tokens", memory as f64 / 1e6, args.tokens),
        value: memory as f64 / args.tokens as f64,
        others: 0.0,
    });
    rows.push(idle(args)?);
    server.stop();
    Ok(rows)
}

/// What a server holds that has nothing to do.
fn idle(args: &Args) -> Result<Row> {
    let data = args.dir.join("idle");
    std::fs::remove_dir_all(&data).ok();
    let server = Launch::new(&args.forewarn, &data).start();
    std::thread::sleep(std::time::Duration::from_secs(3));
    let memory = machine::memory_of(server.id()).unwrap_or(0) as f64;
    server.stop();
    Ok(Row {
        name: "server, idle",
        compared: "30 MB",
        bound: Bound::AtMost(1.0),
        stretch: Bound::AtMost(0.8),
        numbers: format!("{:.1} MB", memory / 1e6),
        value: memory / 30e6,
        others: 0.0,
    })
}

fn contenders(
    args: &Args,
    stage: &Stage,
    ours: (u32, SocketAddr),
    hyper: &Bare,
) -> Result<Vec<Contender>> {
    let theirs = (hyper.child.id(), hyper.address);
    let own: Vec<String> = stage.tokens.iter().map(|token| own(token)).collect();
    let asked = stage.tokens.iter().map(|token| form(&stage.asker, token));
    let asked: Vec<String> = asked.collect();
    let verify = stage.tokens.iter();
    let verify: Vec<String> = verify
        .map(|token| get("/auth/verify?scope=billing:read", token))
        .collect();
    // Genuine in form, of ids that nobody has: valid checksums of another key's tokens.
    let unknown: Vec<String> = strangers()
        .iter()
        .map(|token| form(&stage.asker, token))
        .collect();
    let typo: Vec<String> = stage
        .tokens
        .iter()
        .map(|token| form(&stage.asker, &mistyped(token)))
        .collect();
    let mut all = Vec::new();
    for (name, (pid, to), requests) in [
        ("hyper GET", theirs, &own),
        ("self", ours, &own),
        ("hyper POST", theirs, &asked),
        ("introspect", ours, &asked),
        ("auth_verify", ours, &verify),
        ("unknown", ours, &unknown),
        ("mistyped", ours, &typo),
    ] {
        let path = args
            .dir
            .join(format!("{}.requests", name.replace(' ', "-")));
        write(&path, requests)?;
        all.push(Contender::new(name, pid, to, path));
    }
    Ok(all)
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
