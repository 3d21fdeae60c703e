//! Another program that the server speaks to.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Another process that ends with the test.
pub(crate) struct Peer {
    child: Child,
    pub(crate) port: u16,
}

impl Peer {
    /// Runs a script of `tests/peers` with the interpreter that has what it needs.
    pub(crate) fn start(script: &str, args: &[&str]) -> Self {
        let python = testkit::outside::peers_python().unwrap();
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
        let mut command = Command::new(python);
        command
            .arg(peers.join(script))
            .args(args)
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let port = line
            .trim()
            .strip_prefix("listening ")
            .unwrap()
            .parse()
            .unwrap();
        Self { child, port }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
