//! One server in a folder of its own, and what tests do with it again and again.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::http::Client;
use testkit::server::{Launch, Server};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_forewarn");

/// A way out that keeps everything here, and a source that is pushed to.
pub(crate) const CONFIG: &str = r#"
[audience]
catch_all = ["ops@example.org"]
[channels.kept]
kind = "outbox"
[sources.legacy]
system = "push"
"#;

/// A running server with an admin.
pub(crate) struct House {
    // Ends before its folder goes.
    pub(crate) server: Server,
    folder: tempfile::TempDir,
}

impl House {
    /// With [`CONFIG`].
    pub(crate) fn open() -> Self {
        Self::with(CONFIG)
    }

    pub(crate) fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = launch(folder.path()).config(config).start();
        Self { server, folder }
    }

    pub(crate) fn admin(&self) -> Client {
        self.server.admin()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A client that holds nothing.
    pub(crate) fn stranger(&self) -> Client {
        self.server.client()
    }

    /// A client that holds this value.
    pub(crate) fn bearer(&self, value: &str) -> Client {
        self.server.client().bearer(value)
    }

    /// Issues a token as the admin: id and value.
    pub(crate) fn issue(&self, body: &Value) -> (String, String) {
        issued(&self.admin().post("/v1/tokens", body).expect(201).json())
    }

    /// A service account that may do this much, and a token of it for 30 days.
    pub(crate) fn holder(&self, name: &str, scopes: &[&str]) -> (String, String) {
        let (admin, role) = (self.admin(), format!("role of {name}"));
        let body = json!({"name": role, "scopes": scopes});
        let _ = admin.post("/v1/roles", &body).expect(201);
        let body = json!({"name": name, "roles": [role]});
        let account = admin.post("/v1/service-accounts", &body).expect(201).json();
        let body =
            json!({"name": name, "owner": account["id"], "roles": [role], "lifetime": "30d"});
        self.issue(&body)
    }

    /// Waits until the server has ended; the folder goes after it.
    pub(crate) fn wait(self) -> std::process::ExitStatus {
        self.server.wait()
    }

    /// Waits until the server has ended, and keeps what it left.
    pub(crate) fn wait_and_keep(self) -> tempfile::TempDir {
        self.server.wait();
        self.folder
    }

    /// The command line, speaking to this server as the admin.
    pub(crate) fn cli(&self, args: &[&str]) -> Said {
        let token = self.path("data.token");
        let url = self.server.url();
        let more = ["--server", &url, "--token-file", token.to_str().unwrap()];
        run(&[args, &more].concat(), &[], b"")
    }
}

/// A server in this folder, its data in `data`.
pub(crate) fn launch(folder: &Path) -> Launch {
    Launch::new(BINARY, &folder.join("data")).bootstrap()
}

/// Id and value of an answer that shows a new token.
pub(crate) fn issued(answer: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&answer["token"]["id"]), text(&answer["value"]))
}

/// The names of all items of a page.
pub(crate) fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// One sentence on stderr, without a trace of the program's inside.
    #[track_caller]
    pub(crate) fn is_one_sentence(&self) {
        assert_eq!(self.err.trim_end().lines().count(), 1, "{self:?}");
        assert!(self.err.starts_with("forewarn: "), "{self:?}");
        assert!(
            !self.err.contains("panicked") && !self.err.contains("Some("),
            "{self:?}"
        );
    }
}

/// Runs the binary to its end, without any setting of the machine's own.
pub(crate) fn run(args: &[&str], environment: &[(&str, &str)], stdin: &[u8]) -> Said {
    let mut command = Command::new(BINARY);
    command.args(args);
    for (name, _) in std::env::vars_os() {
        let known = name.to_string_lossy();
        if known.starts_with("FOREWARN_") || known.starts_with("ROX_") {
            command.env_remove(&name);
        }
    }
    command.envs(environment.iter().copied());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may be gone already.
    child.stdin.take().unwrap().write_all(stdin).ok();
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Issuer's id and name of a warning in the log; `None` for other lines.
pub(crate) fn warning(line: &str) -> Option<(String, String)> {
    let (_, rest) = line.split_once("Warn: API Token ")?;
    let (rest, days) = rest.rsplit_once(") will expire in less than ")?;
    let (name, id) = rest.rsplit_once(" (ID ")?;
    let count = days.strip_suffix(" days.").or(days.strip_suffix(" day."))?;
    assert!(
        count
            .parse::<u32>()
            .is_ok_and(|n| (n == 1) == days.ends_with(" day.")),
        "{line}"
    );
    Some((id.to_owned(), name.to_owned()))
}
