//! A fake webhook receiver that remembers everything it accepted.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// What messages to it are signed with.
pub(crate) const HOOK_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// One request that was answered with 200.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The `webhook-id` header.
    pub(crate) id: String,
    /// The body.
    pub(crate) body: Value,
}

/// Listens on loopback until the test ends.
pub(crate) struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let log = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                thread::spawn(move || drop(answer(stream, &log)));
            }
        });
        Self { address, received }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// Reads one request, remembers it, and only then answers: what the server takes for
/// accepted was remembered.
fn answer(mut stream: TcpStream, log: &Mutex<Vec<Received>>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        if let Some((head, body)) = whole(&bytes) {
            let id = head
                .lines()
                .find_map(|l| l.strip_prefix("webhook-id: "))
                .unwrap_or_default()
                .to_owned();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            log.lock().unwrap().push(Received { id, body });
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
            bytes.clear();
        }
        match stream.read(&mut chunk)? {
            0 => return Ok(()),
            n => bytes.extend_from_slice(&chunk[..n]),
        }
    }
}

/// Head and body, once both are complete.
fn whole(bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let at = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..at]).to_lowercase();
    let length: usize = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "))?
        .trim()
        .parse()
        .ok()?;
    let body = bytes.get(at + 4..at + 4 + length)?;
    Some((
        String::from_utf8_lossy(&bytes[..at])
            .lines()
            .map(|l| match l.split_once(": ") {
                Some((name, value)) => format!("{}: {value}", name.to_lowercase()),
                None => l.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n"),
        body.to_vec(),
    ))
}
