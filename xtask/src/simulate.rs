//! Does the promise hold for a year of a whole organisation, and for crowds?
//!
//! The tests in `crates/worker/tests/{proof,foresight}` know; this chore runs them at full
//! size and writes down what they measured.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::shell;

const PAGE: &str = "docs/proof.md";

/// How large the town is and how long it lives.
const SIZE: &str = "FOREWARN_PROOF_SIZE";

/// The parts of the page, in order: the file that a test keeps, and its heading.
const PARTS: [(&str, &str); 4] = [
    ("year", "A year"),
    ("forecast", "Forecasts"),
    ("one-owner", "One owner, one day"),
    ("one-minute", "One minute"),
];

/// Runs the proofs at full size and writes the page.
pub fn run() -> Result<()> {
    let folder = shell::root().join("target/proof");
    fs::create_dir_all(&folder)?;
    let mut command = shell::cargo_within(180);
    command.args([
        "test",
        "--profile",
        "simulate",
        "--package",
        "worker",
        "--test",
        "proof",
        "--test",
        "foresight",
    ]);
    command.args(["--", "--nocapture", "--test-threads", "1"]);
    command.env("FOREWARN_TEST_LONG", "1");
    if std::env::var_os(SIZE).is_none() {
        command.env(SIZE, "2000,20000,365");
    }
    command.env("FOREWARN_PROOF_FOLDER", &folder);
    shell::run(&mut command)?;
    fs::write(shell::root().join(PAGE), page(&folder)?)?;
    println!("{PAGE} is written");
    Ok(())
}

fn page(folder: &Path) -> Result<String> {
    let mut page = String::from(OPENING);
    for (name, heading) in PARTS {
        let part = fs::read_to_string(folder.join(format!("{name}.md"))).context(name)?;
        page.push_str(&format!("\n## {heading}\n\n{}\n", part.trim_end()));
    }
    Ok(page)
}

const OPENING: &str = "\
# Proof

An organisation lives a year in simulated time, against the real store, the real sweep and the real delivery.
People leave, with and without notice; credentials are made, renewed, replaced, adopted or let lapse; two of three ends are dates, lives are as short as twelve hours, and on one day a great many end at once.
Mail is away for three days and for some hours here and there, and Forewarn itself is down for some nights.
Everybody has quiet hours, working days and a weekly digest.

The oracle reads nothing but what receivers got.
It asks of every credential that ended whether somebody who was active then was told of it in time: at least seven days before its end if it lived six weeks or more and was known two weeks before; else within one working day and one sweep of its first step, and before its end.
Beside it stand models of what others' rules would have said in the very same year, as their documentation has them. They are treated kindly: in their year mail is never away, every message is read, and a line in a log counts as heard by whoever runs the server.

Written by `cargo xtask simulate`: 2,000 people, 20,000 credentials and a year unless `FOREWARN_PROOF_SIZE=PEOPLE,CREDENTIALS,DAYS` says otherwise, as the figures below say; it takes long. The tests do the same with a small town each time.
";
