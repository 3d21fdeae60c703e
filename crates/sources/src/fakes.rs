//! A fake of an HTTP API: each request gets the next of its answers, the last one stays.
//! It remembers what it was asked.

use std::sync::{Arc, Mutex};

use egress::{Egress, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A fake that is running until the test ends.
pub(crate) struct Fake {
    origin: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Answers in turn, whatever is asked.
    pub(crate) async fn start(answers: &[String]) -> Self {
        let answers = answers.to_vec();
        let turn = Mutex::new(0);
        Self::by(move |_| {
            let mut turn = turn.lock().unwrap();
            let given = answers.get(*turn).or(answers.last()).cloned();
            *turn += 1;
            given.unwrap_or_default().into_bytes()
        })
        .await
    }

    /// Answers as the function says: a whole request in, a whole answer out.
    pub(crate) async fn by(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                tokio::spawn(async move {
                    serve(stream, |request| {
                        seen.lock().unwrap().push(request.to_owned());
                        answer(request)
                    })
                    .await
                });
            }
        });
        Self { origin, requests }
    }

    /// A URL on the fake.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Everything it was asked so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// An answer that closes the connection.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = body.len();
    format!(
        "HTTP/1.1 {status} x\r\n{lines}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// A way out that reaches the fake.
pub(crate) fn egress() -> Egress {
    Egress::new(Settings::default()).unwrap()
}

async fn serve(mut stream: TcpStream, answer: impl Fn(&str) -> Vec<u8>) {
    let mut read = Vec::new();
    while !is_whole(&read) {
        let mut block = [0_u8; 4096];
        match stream.read(&mut block).await {
            Ok(count) if count > 0 => read.extend_from_slice(&block[..count]),
            _ => return,
        }
    }
    let answer = answer(&String::from_utf8_lossy(&read));
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

fn is_whole(read: &[u8]) -> bool {
    let text = String::from_utf8_lossy(read);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let lengths = head
        .lines()
        .filter_map(|l| l.strip_prefix("content-length: "));
    let length = lengths.filter_map(|l| l.parse().ok()).next().unwrap_or(0);
    body.len() >= length
}
