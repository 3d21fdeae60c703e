//! Servers that misbehave on purpose, on a port of the system's choice.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "each test binary uses its part")]

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egress::{Egress, Lookup, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Names and the answers that each look-up gives in turn; the last one stays.
pub struct ScriptedLookup {
    answers: Mutex<Vec<Vec<IpAddr>>>,
}

impl ScriptedLookup {
    pub fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|a| a.parse().unwrap()).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(parse).collect()),
        })
    }
}

impl Lookup for ScriptedLookup {
    fn lookup<'a>(
        &'a self,
        _: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send + 'a>> {
        let mut answers = self.answers.lock().unwrap();
        let now = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        };
        Box::pin(async move { Ok(now) })
    }
}

/// What a fake does after it has read the request's head.
#[derive(Clone)]
pub enum Act {
    /// Writes these bytes and closes.
    Say(Vec<u8>),
    /// Writes these bytes after each request.
    SayEachTime(Vec<u8>),
    /// Says nothing and holds the line.
    Hang,
    /// Writes these bytes and holds the line.
    SayAndHang(Vec<u8>),
    /// Writes a head and then bytes without end.
    Endless,
    /// Writes header lines without end.
    EndlessHeaders,
    /// Writes one byte at a time with a pause in between.
    Drip(Duration),
}

pub struct Fake {
    pub address: SocketAddr,
    pub hits: Arc<AtomicUsize>,
}

impl Fake {
    pub async fn start(act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&hits);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(perform(stream, act.clone()));
            }
        });
        Self { address, hits }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook?key=s3cret", self.address)
    }

    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

async fn perform(mut stream: TcpStream, act: Act) {
    let mut head = [0_u8; 4096];
    let _ = stream.read(&mut head).await;
    match act {
        Act::Say(bytes) => drop(stream.write_all(&bytes).await),
        Act::SayEachTime(bytes) => {
            while stream.write_all(&bytes).await.is_ok() && stream.read(&mut head).await.is_ok() {}
        }
        Act::Hang => std::future::pending().await,
        Act::SayAndHang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending().await
        }
        Act::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'x'; 16 * 1024]).await.is_ok() {}
        }
        Act::EndlessHeaders => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            while stream.write_all(b"x-more: and more\r\n").await.is_ok() {}
        }
        Act::Drip(pause) => {
            let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"
                .iter()
                .chain([b'x'; 1000].iter());
            for byte in bytes {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// A way out that may use loopback and is impatient.
pub fn open_egress(millis: u64) -> Egress {
    Egress::new(Settings {
        allow_cidrs: vec!["127.0.0.0/8".parse().unwrap()],
        connect_timeout: Duration::from_millis(millis),
        total_timeout: Duration::from_millis(millis),
        ..Settings::default()
    })
    .unwrap()
}
