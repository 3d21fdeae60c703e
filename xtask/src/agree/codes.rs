//! Are the exit codes the promised ones?

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{AT, child};
use crate::loggen::instant::{self, HOUR, SECOND};

/// A small input, how to ask about it, and the code that must come.
struct Case {
    what: &'static str,
    inputs: Vec<(&'static str, Vec<u8>)>,
    args: &'static [&'static str],
    code: i32,
    /// How many tokens must be listed whatever the code; `None` when nothing is printed.
    listed: Option<usize>,
}

/// Asks about each small input and returns how many answers were wrong.
///
/// # Errors
/// When an input cannot be written or the binary cannot be asked.
pub fn wrong(binary: &Path, dir: &Path) -> Result<usize> {
    let mut wrong = 0;
    let cases = cases()?;
    for (number, case) in cases.iter().enumerate() {
        let dir = dir.join(number.to_string());
        fs::create_dir_all(&dir)?;
        let mut command = Command::new(binary);
        command.args(["check", "--format", "json", "--all", "--at", AT]);
        command.args(case.args).current_dir(&dir);
        for (name, bytes) in &case.inputs {
            fs::write(dir.join(name), bytes)?;
            command.arg(name);
        }
        let answer = child::ask(&mut command)?;
        let listed = answer
            .json
            .get("credentials")
            .and_then(|rows| rows.as_array());
        let listed = listed.map(Vec::len);
        if answer.code != Some(case.code) || case.listed.is_some() && listed != case.listed {
            let (what, code, meant) = (case.what, answer.code, case.code);
            println!("{what}: exit code {code:?}, not {meant}; {listed:?} tokens");
            wrong += 1;
        }
    }
    println!(
        "exit codes: {} of {} as promised",
        cases.len() - wrong,
        cases.len()
    );
    Ok(wrong)
}

fn cases() -> Result<Vec<Case>> {
    let mut cases = in_time()?;
    cases.extend(in_trouble()?);
    Ok(cases)
}

/// Where the codes 0, 1 and 2 begin and end.
fn in_time() -> Result<Vec<Case>> {
    let ends = |what, span, code| -> Result<Case> { Ok(one(what, made("t", span)?, code)) };
    let mut revoked = made("t", HOUR)?;
    revoked.extend(br#"{"type":"audit.2","time":"2026-11-20T00:00:00Z","name":"REVOKE_TOKEN","result":"SUCCESS","request_params":{"_category":{"managementTokens":{"tokenId":"t","tokenTtl":0}}}}"#);
    let mut both = made("a", 100 * HOUR)?;
    both.extend(made("b", HOUR)?);
    let mut beside = made("t", 100 * HOUR)?;
    beside.extend(b"{\"broken\n\xff\n");
    let asked = |mut case: Case, args| {
        case.args = args;
        case
    };
    Ok(vec![
        ends("ended this very instant", 0, 0)?,
        ends("ends in a second", SECOND, 2)?,
        ends("ends in 24 h", 24 * HOUR, 2)?,
        ends("ends in 24 h and a second", 24 * HOUR + SECOND, 1)?,
        ends("ends in 168 h", 168 * HOUR, 1)?,
        ends("ends in 168 h and a second", 168 * HOUR + SECOND, 0)?,
        one("ends soon but is revoked", revoked, 0),
        Case {
            listed: Some(2),
            ..one("the nearer end decides", both, 2)
        },
        one("broken lines beside", beside, 1),
        asked(
            ends("a wider window", 300 * HOUR, 1)?,
            &["--within", "301h"],
        ),
        asked(
            ends("a window of 12 h", 100 * HOUR, 0)?,
            &["--within", "12h"],
        ),
    ])
}

/// What makes the code 3, although everything that can be read is listed.
fn in_trouble() -> Result<Vec<Case>> {
    let soon = || made("t", HOUR);
    let mut cut = packed(&soon()?)?;
    cut.truncate(cut.len() - 6);
    let missing = Case {
        args: &["missing.log"],
        ..one("a missing file beside", soon()?, 3)
    };
    let nothing = |what, bytes: &[u8]| Case {
        listed: None,
        ..one(what, bytes.to_vec(), 3)
    };
    let usage = |what, args| -> Result<Case> {
        Ok(Case {
            args,
            listed: None,
            ..one(what, soon()?, 3)
        })
    };
    Ok(vec![
        missing,
        one("gzip cut at its end", cut, 3),
        nothing("an empty file", b""),
        nothing("text that is no log", b"hello\nworld\n"),
        nothing("JSON that is no audit log", b"{\"hello\":1}\n"),
        usage("a window that is no span", &["--within", "soon"])?,
        usage("an unknown option", &["--nonsense"])?,
        Case {
            inputs: Vec::new(),
            listed: None,
            ..one("no input", Vec::new(), 3)
        },
    ])
}

/// A log of one file with one token in it.
fn one(what: &'static str, bytes: Vec<u8>, code: i32) -> Case {
    Case {
        what,
        inputs: vec![("audit.log", bytes)],
        args: &[],
        code,
        listed: Some(1),
    }
}

/// A token that ends so long after the instant of asking.
fn made(id: &str, left: i64) -> Result<Vec<u8>> {
    let at = instant::read(AT)?;
    let (time, ttl) = (instant::plain(at - 48 * HOUR), (48 * HOUR + left) / SECOND);
    let category = format!(r#"{{"tokenId":"{id}","tokenTtl":{ttl},"tokenType":"API_TOKEN"}}"#);
    let mut line = format!(
        r#"{{"type":"audit.2","time":"{time}","uid":"u","name":"CREATE_TOKEN","result":"SUCCESS","requestParams":{{"_category":{{"type":"tokenGeneration","tokenGeneration":{category}}}}}}}"#
    );
    line.push('\n');
    Ok(line.into_bytes())
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(bytes)?;
    Ok(gz.finish()?)
}
