//! `forewarn check` as a stranger sees it: files in, an answer and an exit code out.

mod files;
#[cfg(target_os = "linux")]
mod growth;
mod lines;
mod memory;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What counts as now in every test of these.
const AT: &str = "2026-11-22T12:00:00Z";
/// When the tokens of these tests are made, unless a test says otherwise.
const TIME: &str = "2026-11-01T12:00:00Z";

/// A folder with inputs.
struct Folder(TempDir);

/// What one run said.
struct Answer {
    json: Value,
    code: Option<i32>,
    words: String,
}

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A folder with one log of this content.
    fn of(bytes: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.put("audit.log", bytes);
        folder
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Everything about the inputs named; of the folder when none is.
    fn check(&self, inputs: &[&str]) -> Answer {
        let mut command = command(self.path());
        command.args(if inputs.is_empty() { &["."] } else { inputs });
        answer(command.stdin(Stdio::null()).output().unwrap())
    }

    /// The same with standard input.
    fn check_piped(&self, bytes: &[u8], inputs: &[&str]) -> Answer {
        let mut command = command(self.path());
        command.args(inputs).stdin(Stdio::piped());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        answer(child.wait_with_output().unwrap())
    }
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forewarn"));
    command.args(["check", "--format", "json", "--all", "--at", AT]);
    command.current_dir(dir);
    command
}

fn answer(output: Output) -> Answer {
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(!words.contains("panicked"), "{words}");
    Answer {
        json: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        code: output.status.code(),
        words,
    }
}

impl Answer {
    fn rows(&self) -> &[Value] {
        let rows = self.json.get("credentials").and_then(Value::as_array);
        rows.map_or(&[], Vec::as_slice)
    }

    fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<_> = self
            .rows()
            .iter()
            .map(|row| row["id"].as_str().unwrap())
            .collect();
        ids.sort_unstable();
        ids
    }

    /// A member of the only token.
    fn only(&self, member: &str) -> &Value {
        assert_eq!(self.rows().len(), 1, "{} {}", self.json, self.words);
        &self.rows()[0][member]
    }

    fn state(&self) -> &str {
        self.only("state").as_str().unwrap()
    }

    #[track_caller]
    fn counted(&self, name: &str) -> u64 {
        self.json["counts"][name]
            .as_u64()
            .unwrap_or_else(|| panic!("{} {}", self.json, self.words))
    }

    /// Lines in all, token events, skipped and unreadable ones.
    #[track_caller]
    fn lines(&self) -> [u64; 4] {
        ["lines", "token_events", "skipped", "unreadable"].map(|name| self.counted(name))
    }
}

/// A CREATE_TOKEN of `audit.2`; `time` and `ttl` are JSON text.
fn create(id: &str, time: &str, ttl: &str) -> String {
    format!(
        r#"{{"type":"audit.2","time":{time},"uid":"ann","name":"CREATE_TOKEN","result":"SUCCESS","requestParams":{{"_category":{{"type":"tokenGeneration","tokenGeneration":{{"tokenId":"{id}","tokenTtl":{ttl},"tokenType":"API_TOKEN"}}}}}}}}"#
    )
}

/// A token of 30 days.
fn made(id: &str) -> String {
    create(id, &format!("\"{TIME}\""), "2592000")
}

fn revoke(id: &str) -> String {
    format!(
        r#"{{"type":"audit.2","time":"{TIME}","name":"REVOKE_TOKEN","result":"SUCCESS","requestParams":{{"_category":{{"type":"managementTokens","managementTokens":{{"tokenId":"{id}","tokenTtl":0}}}}}}}}"#
    )
}

/// The same token in `audit.3`; `end` is JSON text.
fn create_3(id: &str, end: &str) -> String {
    format!(
        r#"{{"type":"audit.3","time":"{TIME}","uid":"ann","name":"GENERATE","result":"SUCCESS","categories":["tokenGeneration"],"users":[{{"uid":"bob","userName":"Bob"}}],"resultFields":{{"generatedTokens":[{{"id":{{"type":"other","other":{{"value":"{id}"}}}},"expirationTime":{end},"userId":"bob","type":"API_TOKEN"}}]}}}}"#
    )
}
