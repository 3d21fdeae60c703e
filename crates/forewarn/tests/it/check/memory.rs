//! How much memory a run takes, whatever it reads. Linux tells; elsewhere only the
//! answer is looked at.

use std::fs;
use std::io::{Read, Write};
use std::process::{ChildStdin, Stdio};
use std::thread;

use super::{Folder, TIME, command, create};

/// What a run may hold, and for each distinct id.
const BASE: u64 = 64 << 20;
const PER_TOKEN: u64 = 200;

/// Feeds a run and returns the most memory it held and the first byte of its answer.
fn peak(write: impl FnOnce(&mut ChildStdin) + Send + 'static) -> Option<u64> {
    let folder = Folder::new();
    let mut command = command(folder.path());
    command
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut into = child.stdin.take().unwrap();
    let writer = thread::spawn(move || write(&mut into));
    let mut out = child.stdout.take().unwrap();
    // With the first byte all input is read; an answer longer than the pipe waits for us.
    assert_eq!(
        out.by_ref().take(1).read_to_end(&mut Vec::new()).unwrap(),
        1
    );
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok();
    writer.join().unwrap();
    out.read_to_end(&mut Vec::new()).unwrap();
    assert!(child.wait().unwrap().code().is_some());
    let line = status?
        .lines()
        .find(|line| line.starts_with("VmHWM:"))?
        .to_owned();
    Some(line.split_whitespace().nth(1)?.parse::<u64>().unwrap() << 10)
}

fn tokens(out: &mut ChildStdin, how_many: u64) {
    let mut text = Vec::new();
    for number in 0..how_many {
        let id = format!("b9b8aadb-7292-441f-ae02-{number:012}");
        text.extend(create(&id, &format!("\"{TIME}\""), "2592000").bytes());
        text.push(b'\n');
        if text.len() > 1 << 16 {
            out.write_all(&text).unwrap();
            text.clear();
        }
    }
    out.write_all(&text).unwrap();
}

#[track_caller]
fn assert_within(peak: Option<u64>, tokens: u64) {
    let allowed = BASE + PER_TOKEN * tokens;
    assert!(
        peak.is_none_or(|peak| peak <= allowed),
        "{peak:?} of {allowed}"
    );
}

/// B67: a line that does not end takes no memory.
#[test]
fn an_endless_line_takes_no_memory() {
    let peak = peak(|out| {
        // Enough tokens that the answer waits to be read.
        tokens(out, 1000);
        let block = vec![b'x'; 1 << 20];
        for _ in 0..256 {
            out.write_all(&block).unwrap();
        }
    });
    assert_within(peak, 0);
}

/// B67: however many short lines there are, memory goes by the tokens among them.
#[test]
fn short_lines_take_no_memory() {
    let peak = peak(|out| {
        tokens(out, 1000);
        let block = b"{}\n".repeat(10_000);
        for _ in 0..30 {
            out.write_all(&block).unwrap();
        }
    });
    assert_within(peak, 1000);
}

/// B67: memory grows by at most 200 bytes a token.
#[test]
fn many_tokens_take_200_bytes_each() {
    let long = std::env::var_os("FOREWARN_TEST_LONG").is_some();
    let many = if long { 1_000_000 } else { 100_000 };
    assert_within(peak(move |out| tokens(out, many)), many);
}
