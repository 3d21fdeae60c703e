//! A fake of a vendor's system on loopback: answers what a fixture says, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{Exchange, Fixture};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Every request is answered 401.
    Refused,
    /// This exchange is answered 403 with a problem.
    Forbidden(usize),
    /// This exchange is answered by a sign-in page with status 200.
    SignIn(usize),
}

/// A running fake.
pub struct Vendor {
    pub origin: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    asked: BTreeSet<usize>,
    unknown: Vec<String>,
}

const FORBIDDEN: &str =
    r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"s3cret-of-the-problem"}"#;
const SIGN_IN: &str = "<!doctype html><html><head><title>Sign in</title></head><body><form><input name=pw type=password>s3cret-of-the-page</form></body></html>";

impl Vendor {
    /// Starts it on a free port.
    pub async fn start(fixture: &Fixture, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let script = Arc::new(Script {
            fixture: fixture.clone(),
            fault,
            origin: origin.clone(),
            seen: Arc::clone(&seen),
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = Arc::clone(&script);
                tokio::spawn(async move { script.serve(stream).await });
            }
        });
        Self { origin, seen }
    }

    /// Requests that the fixture knows no answer to.
    pub fn unknown(&self) -> Vec<String> {
        self.seen.lock().unwrap().unknown.clone()
    }

    /// Exchanges that nobody asked for.
    pub fn unasked(&self, fixture: &Fixture) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let all = fixture.exchanges.iter().enumerate();
        let unasked = all.filter(|(at, _)| !seen.asked.contains(at));
        unasked.map(|(_, exchange)| exchange.ask.clone()).collect()
    }
}

struct Script {
    fixture: Fixture,
    fault: Fault,
    origin: String,
    seen: Arc<Mutex<Seen>>,
}

/// A request as it came.
struct Asked {
    line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Script {
    async fn serve(&self, mut stream: TcpStream) {
        while let Some(asked) = receive(&mut stream).await {
            let answer = self.answer(&asked);
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, asked: &Asked) -> String {
        if self.fault == Fault::Refused {
            return response(401, &BTreeMap::new(), "{}");
        }
        let known = self.fixture.exchanges.iter().enumerate();
        let found = known
            .into_iter()
            .find(|(_, exchange)| self.is(exchange, asked));
        let Some((at, exchange)) = found else {
            let line = format!("{} {}", asked.line, asked.body);
            self.seen.lock().unwrap().unknown.push(line);
            return response(404, &BTreeMap::new(), "{}");
        };
        self.seen.lock().unwrap().asked.insert(at);
        if !self.may(exchange, asked) {
            return response(401, &BTreeMap::new(), "{}");
        }
        match self.fault {
            Fault::Forbidden(fault) if fault == at => {
                let kind = [(
                    "content-type".to_owned(),
                    "application/problem+json".to_owned(),
                )];
                response(403, &kind.into(), FORBIDDEN)
            }
            Fault::SignIn(fault) if fault == at => {
                let kind = [("content-type".to_owned(), "text/html".to_owned())];
                response(200, &kind.into(), SIGN_IN)
            }
            _ => {
                let headers = exchange.headers.iter();
                let headers = headers.map(|(name, value)| (name.clone(), self.fill(value)));
                response(
                    exchange.status,
                    &headers.collect(),
                    &self.fill(&exchange.body),
                )
            }
        }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{origin}", &self.origin)
    }

    fn is(&self, exchange: &Exchange, asked: &Asked) -> bool {
        let json: serde_json::Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let form: BTreeMap<String, String> = pairs(&asked.body).into_iter().collect();
        parts(&exchange.ask) == parts(&asked.line)
            && exchange
                .json
                .iter()
                .all(|(name, value)| json[name] == **value)
            && exchange
                .form
                .iter()
                .all(|(name, value)| form.get(name) == Some(&self.fill(value)))
    }

    /// Whether it proves itself as the vendor wants it.
    fn may(&self, exchange: &Exchange, asked: &Asked) -> bool {
        let requires = exchange.requires.as_ref().unwrap_or(&self.fixture.requires);
        requires.iter().all(|(name, wanted)| {
            let is = asked.headers.get(name);
            is.is_some_and(|is| match wanted.strip_suffix('*') {
                Some(start) => is.starts_with(start),
                None => is == wanted,
            })
        })
    }
}

/// Method and path, and the parameters in no order.
fn parts(line: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = line.split_once('?').unwrap_or((line, ""));
    let mut query = pairs(query);
    query.sort();
    (path.to_owned(), query)
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.into_owned().collect()
}

fn response(status: u16, headers: &BTreeMap<String, String>, body: &str) -> String {
    let mut head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !headers.contains_key("content-type") {
        head.push_str("content-type: application/json\r\n");
    }
    format!("{head}\r\n{body}")
}

/// One request of a connection that may carry several.
async fn receive(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break String::from_utf8_lossy(&bytes[..end]).into_owned();
        }
        more(stream, &mut bytes).await?;
    };
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let pairs = lines.filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<String, String> = pairs
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .and_then(|l| l.parse().ok())
        .unwrap_or(0);
    let start = head.len() + 4;
    while bytes.len() < start + length {
        more(stream, &mut bytes).await?;
    }
    let body = String::from_utf8_lossy(&bytes[start..]).into_owned();
    Some(Asked {
        line,
        headers,
        body,
    })
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut some = [0_u8; 4096];
    let count = stream
        .read(&mut some)
        .await
        .ok()
        .filter(|count| *count > 0)?;
    bytes.extend_from_slice(&some[..count]);
    Some(())
}
