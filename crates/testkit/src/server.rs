//! The real binary on a free port, for tests that see Forewarn as a stranger does.
//!
//! A test hands in the path that Cargo gives it, `env!("CARGO_BIN_EXE_forewarn")`,
//! and a folder of its own. The server dies with the value.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose server does not run has failed"
)]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::http::Client;

/// A debug build on a busy machine is slow to start; longer than this it never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// How to start a server.
pub struct Launch {
    command: Command,
    address: SocketAddr,
    data: PathBuf,
}

impl Launch {
    /// `forewarn serve` on a free port with its data in `data`, in an environment
    /// without any setting of the machine's own.
    pub fn new(binary: impl AsRef<OsStr>, data: &Path) -> Self {
        let mut command = Command::new(binary);
        command.args(["serve", "--data"]).arg(data);
        command.current_dir(data.parent().unwrap_or(data));
        for (name, _) in std::env::vars_os() {
            let known = name.to_string_lossy();
            if known.starts_with("FOREWARN_") || known.starts_with("ROX_") {
                command.env_remove(&name);
            }
        }
        let data = data.to_owned();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            command,
            address,
            data,
        }
    }

    /// On this very port.
    #[must_use]
    pub fn on(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// With a variable set.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// With a configuration file of this content, kept beside the data.
    #[must_use]
    pub fn config(self, toml: &str) -> Self {
        let file = self.data.with_extension("toml");
        std::fs::write(&file, toml).expect("the configuration can be written");
        self.arg("--config").arg(file)
    }

    /// With a bootstrap token; [`Server::admin`] uses it.
    #[must_use]
    pub fn bootstrap(self) -> Self {
        let file = token_file(&self.data);
        self.arg("--bootstrap-token-file").arg(file)
    }

    /// Starts it and waits until it listens.
    ///
    /// # Panics
    /// When it ends before, or does not listen within a minute; the message holds its log.
    pub fn start(mut self) -> Server {
        self.command.arg("--listen").arg(self.address.to_string());
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the binary can be started");
        let log = Log::default();
        log.follow(child.stdout.take());
        log.follow(child.stderr.take());
        let line = log.wait_for("listening on http://", PATIENCE);
        let Some(line) = line else {
            child.kill().ok();
            panic!("the server does not listen:\n{}", log.text());
        };
        let (_, address) = line.split_once("http://").expect("the line has an address");
        let address = address.split(['/', ' ', '"']).next().unwrap_or_default();
        let address = address.parse().expect("the address is one");
        Server {
            child,
            address,
            data: self.data,
            log,
        }
    }
}

/// Sends a process of one's own a signal by its name, such as `TERM` or `HUP`.
///
/// # Panics
/// When there is no such process any more.
pub fn signal(child: &Child, name: &str) {
    let signal = match name {
        "TERM" => Signal::TERM,
        "INT" => Signal::INT,
        "QUIT" => Signal::QUIT,
        "KILL" => Signal::KILL,
        "HUP" => Signal::HUP,
        "STOP" => Signal::STOP,
        "CONT" => Signal::CONT,
        _ => panic!("no test has needed {name} yet"),
    };
    let sent = kill_process(Pid::from_child(child), signal);
    sent.expect("the process is there");
}

/// A running server.
pub struct Server {
    child: Child,
    address: SocketAddr,
    data: PathBuf,
    log: Log,
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its address as a URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A caller without a token.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// The caller whom the bootstrap token makes an admin; needs [`Launch::bootstrap`]
    /// at the first start on this folder.
    ///
    /// # Panics
    /// When there is no such token.
    pub fn admin(&self) -> Client {
        let token = std::fs::read_to_string(token_file(&self.data));
        let token = token.expect("the server was launched with bootstrap()");
        self.client().bearer(token.trim())
    }

    /// Everything it has written so far, to either stream.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// The first line that holds `part`, waiting for it; `None` if it does not come in time.
    pub fn wait_for_line(&self, part: &str, patience: Duration) -> Option<String> {
        self.log.wait_for(part, patience)
    }

    /// Sends a signal by its name, such as `TERM` or `HUP`.
    ///
    /// # Panics
    /// When there is no such process any more.
    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Asks it to end, and waits.
    ///
    /// # Panics
    /// When it is still there after 20 s; it promises 10.
    pub fn stop(self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// Waits until it has ended by itself, or by a signal that was sent before.
    ///
    /// # Panics
    /// When it is still there after 20 s.
    pub fn wait(mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("the server is our child") {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not stop:\n{}", self.log.text());
    }

    /// Ends it without any warning, as a power cut does to a process.
    pub fn kill(mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Beside the data, never in it: a folder that is copied must not hold a token.
fn token_file(data: &Path) -> PathBuf {
    data.with_extension("token")
}

#[derive(Default)]
struct Lines {
    all: Vec<String>,
    streams_open: usize,
}

/// What a process writes, line by line, for several readers.
#[derive(Clone, Default)]
struct Log(Arc<(Mutex<Lines>, Condvar)>);

impl Log {
    /// Reads a stream to its end on a thread of its own.
    fn follow(&self, stream: Option<impl Read + Send + 'static>) {
        let stream = stream.expect("the stream is piped");
        self.change(|lines| lines.streams_open += 1);
        let log = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                log.change(|lines| lines.all.push(line));
            }
            log.change(|lines| lines.streams_open -= 1);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Lines)) {
        let (lines, changed) = &*self.0;
        change(&mut lines.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
    }

    fn text(&self) -> String {
        let (lines, _) = &*self.0;
        let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.all.join("\n")
    }

    /// `None` when time is up, or when nothing more can come.
    fn wait_for(&self, part: &str, patience: Duration) -> Option<String> {
        let deadline = Instant::now() + patience;
        let (lines, changed) = &*self.0;
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(line) = lines.all.iter().find(|line| line.contains(part)) {
                return Some(line.clone());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || lines.streams_open == 0 {
                return None;
            }
            let waited = changed.wait_timeout(lines, left);
            lines = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
