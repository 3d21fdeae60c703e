//! Is a good token still answered for at once while others are created and revoked, and is
//! a revoked one refused from its answer on?

use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::contender::{Contender, bare};
use super::requests::{form, own, write};
use crate::Args;
use crate::churn::Outcome;
use crate::machine;
use crate::row::{Bound, Row, median};
use crate::stage;

/// Creates and revokes in a second, together.
const RATE: u32 = 1000;

/// The rows of verifying beside writes.
///
/// # Errors
/// When a server does not start, or an answer is wrong.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let stage = stage::set(args)?;
    let server = stage::serve(args, &stage.data)?;
    let admin = server.admin();
    let token = admin.token().context("no admin")?;
    let first = stage.tokens.first().context("no token")?;
    let bytes = server
        .client()
        .bearer(first)
        .get("/v1/tokens/self")
        .body
        .len();
    let hyper = bare(bytes)?;
    let theirs = (hyper.child.id(), hyper.address);
    let ours = (server.id(), server.address());
    let own: Vec<String> = stage.tokens.iter().map(|token| own(token)).collect();
    let asked = stage.tokens.iter().map(|token| form(&stage.asker, token));
    let asked: Vec<String> = asked.collect();
    let mut all = Vec::new();
    for (name, (pid, to), requests) in [
        ("hyper GET", theirs, &own),
        ("self beside writes", ours, &own),
        ("hyper POST", theirs, &asked),
        ("introspect beside writes", ours, &asked),
    ] {
        let path = args.dir.join(format!("mixed-{}.requests", all.len()));
        write(&path, requests)?;
        all.push(Contender::new(name, pid, to, path));
    }
    let (mut rates, mut accepted, mut revokes) = (Vec::new(), 0, 0);
    for _ in 0..args.rounds {
        for contender in &mut all {
            if contender.pid != server.id() {
                contender.burst(args)?;
                continue;
            }
            let churn = start(args, token, contender)?;
            contender.beside = Some(churn.id());
            contender.burst(args)?;
            let outcome = ended(churn)?;
            rates.push((outcome.creates + outcome.revokes) as f64 / outcome.seconds);
            accepted += outcome.accepted;
            revokes += outcome.revokes;
        }
    }
    server.stop();
    let rate = median(rates);
    println!("beside: {rate:.0} creates and revokes a second");
    Ok(rows(&all, rate, (accepted, revokes)))
}

fn start(args: &Args, token: &str, contender: &Contender) -> Result<Child> {
    let mut command = machine::pinned(1, &std::env::current_exe()?);
    // As long as the burst with its warming up.
    let seconds = args.seconds as f64 + 0.4;
    command.args(["churn", "--to", &contender.to.to_string(), "--token", token]);
    command.args([
        "--rate",
        &RATE.to_string(),
        "--seconds",
        &seconds.to_string(),
    ]);
    Ok(command.stdout(Stdio::piped()).spawn()?)
}

fn ended(churn: Child) -> Result<Outcome> {
    let out = churn.wait_with_output()?;
    ensure!(out.status.success(), "creating and revoking failed");
    serde_json::from_slice(&out.stdout).context("creating and revoking told nothing")
}

fn rows(all: &[Contender], rate: f64, (accepted, revokes): (u64, u64)) -> Vec<Row> {
    let [get, own, post, introspect] = all else {
        return Vec::new();
    };
    let late = |name, us: &Contender, them: &Contender| {
        let (a, b) = (us.middle(|burst| burst.p99), them.middle(|burst| burst.p99));
        Row {
            name,
            compared: "bare hyper's p99, alone",
            bound: Bound::AtMost(3.0),
            stretch: Bound::AtMost(2.0),
            numbers: format!("{a:.0} against {b:.0} us, {rate:.0} writes a second"),
            value: a / b,
            others: us.middle(|burst| burst.others),
        }
    };
    vec![
        late("verify beside writes, self, p99", own, get),
        late("verify beside writes, introspect, p99", introspect, post),
        Row {
            name: "verify beside writes, let in though revoked",
            compared: "none",
            bound: Bound::AtMost(0.0),
            stretch: Bound::AtMost(0.0),
            numbers: format!("{accepted} of {revokes}"),
            value: accepted as f64,
            others: own.middle(|burst| burst.others),
        },
    ]
}
