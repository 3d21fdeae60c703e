//! `notifier.heartbeat_url`: somebody outside misses us when we fall silent.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::json;
use testkit::server::Server;

use crate::house::{issued, launch};
use crate::wire::comes_true;

/// What the watcher does with the next call.
#[derive(Clone, Copy)]
enum Mood {
    Answers(u16),
    /// Takes the call and says nothing.
    Hangs,
}

/// A watcher outside, on loopback until the test ends.
struct Watcher {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Watcher {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mood = Arc::new(Mutex::new(Mood::Answers(200)));
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (known, log) = (Arc::clone(&mood), Arc::clone(&heard));
        thread::spawn(move || {
            let mut hung = Vec::new();
            for stream in listener.incoming().flatten() {
                log.lock().unwrap().push(request_line(&stream));
                match *known.lock().unwrap() {
                    Mood::Answers(status) => reply(stream, status),
                    Mood::Hangs => hung.push(stream),
                }
            }
        });
        Self {
            address,
            mood,
            heard,
        }
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn calls(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// Whether so many more calls come soon.
    fn hears(&self, more: usize) -> bool {
        let before = self.calls();
        comes_true(20, || self.calls() >= before + more)
    }
}

fn request_line(stream: &TcpStream) -> String {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.find(String::is_empty);
    first
}

fn reply(mut stream: TcpStream, status: u16) {
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).ok();
}

fn watched_by(address: SocketAddr, folder: &std::path::Path) -> Server {
    let config = format!(
        "[notifier]\ninterval = \"1s\"\nheartbeat_url = \"http://{address}/ping/s3cr3t?key=s3cr3t\"\n"
    );
    launch(folder).config(&config).start()
}

/// L32: each complete sweep is told; what the watcher answers, or that it does not, is logged
/// without the secret in its address, and stops nothing.
#[test]
fn each_sweep_is_told_and_a_watcher_that_fails_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let watcher = Watcher::start();
    let server = watched_by(watcher.address, folder.path());
    assert!(watcher.hears(3), "{}", server.log());
    let told = watcher.heard.lock().unwrap()[0].clone();
    assert_eq!(told, "GET /ping/s3cr3t?key=s3cr3t HTTP/1.1");
    let patience = Duration::from_secs(20);
    watcher.is(Mood::Answers(500));
    let line = server.wait_for_line("the heartbeat was not accepted", patience);
    assert!(line.unwrap().contains("500"));
    // It goes on to call, and to do what it is for while the watcher hangs.
    assert!(watcher.hears(2));
    watcher.is(Mood::Hangs);
    assert!(watcher.hears(1));
    let body = json!({"name": "soon", "lifetime": "47h"});
    let (id, _) = issued(&server.admin().post("/v1/tokens", &body).expect(201).json());
    let warned = server.wait_for_line(&format!("(ID {id})"), Duration::from_secs(5));
    assert!(warned.is_some(), "{}", server.log());
    assert!(!server.log().contains("s3cr3t"), "{}", server.log());
    assert!(server.stop().success());
}

#[test]
fn a_watcher_that_is_not_there_is_called_again() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let server = watched_by(address, folder.path());
    let patience = Duration::from_secs(20);
    let line = server.wait_for_line("the heartbeat did not get out", patience);
    assert!(line.is_some(), "{}", server.log());
    let _ = server.admin().get("/v1/tokens/self").expect(200);
    let back = TcpListener::bind(address).unwrap();
    let (stream, _) = back.accept().unwrap();
    assert!(request_line(&stream).starts_with("GET /ping/"));
    reply(stream, 204);
    assert!(!server.log().contains("s3cr3t"), "{}", server.log());
}
