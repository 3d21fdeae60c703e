//! What does a run of the binary answer, how does it end, and what did it take?

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

/// One run.
pub struct Answer {
    /// `Null` when nothing was printed.
    pub json: Value,
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    /// The most memory it held, in bytes; `None` where the system does not tell or the
    /// answer was so short that the run was over first.
    pub peak: Option<u64>,
    pub took: Duration,
}

/// Runs a `check --format json`.
///
/// # Errors
/// When it cannot be started, or prints what is no JSON.
pub fn ask(command: &mut Command) -> Result<Answer> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("forewarn cannot be started")?;
    let mut out = child.stdout.take().context("forewarn has no output")?;
    let mut text = Vec::new();
    // With the first byte everything has been read, and the pipe holds back the rest.
    out.by_ref().take(1).read_to_end(&mut text)?;
    let (took, peak) = (start.elapsed(), peak(child.id()));
    out.read_to_end(&mut text)?;
    let code = child.wait()?.code();
    let json = match text.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&text).context("forewarn's answer is no JSON")?,
    };
    Ok(Answer {
        json,
        code,
        peak,
        took,
    })
}

fn peak(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}
