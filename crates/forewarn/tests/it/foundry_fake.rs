//! A fake of Foundry: the token endpoint, the log-file API and the users of the Admin
//! API, written from the documented pages (palantir/foundry-platform-python
//! `docs/v2/Audit/LogFile.md`, `docs/v2/Admin/User.md`, `foundry_sdk/_core/oauth_utils.py`,
//! read 2026-11-26). It remembers what it was asked.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

const PAGE: usize = 100;
/// People who own tokens.
pub(crate) const OWNERS: usize = 20;
/// The secret of the client that may come in.
pub(crate) const SECRET: &str = "s3cret-of-the-client";

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    File(usize),
    User(usize),
    Token,
}

/// Serves so many files until the test ends.
pub(crate) struct Foundry {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Foundry {
    pub(crate) fn start(files: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                thread::spawn(move || drop(serve(stream, files, &log)));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn host(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often files were asked for.
    pub(crate) fn files_asked(&self) -> usize {
        let is_file = |asked: &&Asked| matches!(asked, Asked::File(_));
        self.asked.lock().unwrap().iter().filter(is_file).count()
    }
}

fn serve(mut stream: TcpStream, files: usize, log: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    let (mut bytes, mut chunk) = (Vec::new(), [0_u8; 4096]);
    loop {
        if let Some((head, body, taken)) = whole(&bytes) {
            bytes.drain(..taken);
            let (status, kind, body) = answer(&head, &body, files, log);
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), &body].concat())?;
        }
        match stream.read(&mut chunk)? {
            0 => return Ok(()),
            n => bytes.extend_from_slice(&chunk[..n]),
        }
    }
}

/// Head, body, and how many bytes both take, once they are complete.
fn whole(bytes: &[u8]) -> Option<(String, String, usize)> {
    let at = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let small = head.to_lowercase();
    let length = small
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    let length = length.and_then(|l| l.trim().parse().ok()).unwrap_or(0);
    let body = bytes.get(at + 4..at + 4 + length)?;
    let body = String::from_utf8_lossy(body).into_owned();
    Some((head, body, at + 4 + length))
}

type Answer = (u16, &'static str, Vec<u8>);

fn answer(head: &str, body: &str, files: usize, log: &Mutex<Vec<Asked>>) -> Answer {
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let note = |asked| log.lock().unwrap().push(asked);
    if path == "/multipass/api/oauth2/token" {
        note(Asked::Token);
        return token(body);
    }
    let holds = |scope: &str| head.contains(&format!("authorization: Bearer fake-token-{scope}"));
    let rest = path.strip_prefix("/api/v2/").unwrap_or_default();
    if let Some(user) = rest.strip_prefix("admin/users/u") {
        let user = user.parse().unwrap();
        note(Asked::User(user));
        return if holds("api%3Aadmin-read") {
            person(user)
        } else {
            refusal(403, "ApiUsageDenied")
        };
    }
    let rest = rest.strip_prefix("audit/organizations/ri.multipass..organization.fake/logFiles");
    match rest {
        _ if !holds("api%3Aaudit-read") => refusal(401, "Unauthorized"),
        Some("") => list(query, files),
        Some(file) => {
            let file = file.trim_start_matches("/f").trim_end_matches("/content");
            let file = file.parse().unwrap();
            note(Asked::File(file));
            (200, "application/octet-stream", content(file))
        }
        None => refusal(404, "OrganizationNotFound"),
    }
}

fn token(body: &str) -> Answer {
    let value = |name: &str| {
        let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    };
    let is_known = value("client_secret").as_deref() == Some(SECRET)
        && value("client_id").as_deref() == Some("forewarn")
        && value("grant_type").as_deref() == Some("client_credentials");
    let token = format!("fake-token-{}", value("scope").unwrap_or_default());
    let body = match is_known {
        true => json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}),
        false => json!({"error": "invalid_client"}),
    };
    (
        if is_known { 200 } else { 401 },
        "application/json",
        body.to_string().into_bytes(),
    )
}

fn refusal(status: u16, name: &str) -> Answer {
    let body = json!({"errorCode": "X", "errorName": name, "parameters": {}});
    (status, "application/json", body.to_string().into_bytes())
}

fn person(user: usize) -> Answer {
    let body = json!({"id": format!("u{user}"), "username": format!("user{user}"),
        "givenName": "Person", "familyName": user.to_string(),
        "email": format!("person{user}@example.org"), "realm": "r", "attributes": {}});
    (200, "application/json", body.to_string().into_bytes())
}

/// An open-ended list: behind the last page there is always an empty one.
fn list(query: &str, files: usize) -> Answer {
    let token = query
        .split('&')
        .find_map(|p| p.strip_prefix("pageToken=after-"));
    let from: usize = match token {
        Some(from) => from.parse().unwrap(),
        None if query.contains("startDate=2026-01-01") => 0,
        None => return refusal(400, "MissingStartDate"),
    };
    let until = (from + PAGE).min(files);
    let data: Vec<_> = (from..until)
        .map(|n| json!({"id": format!("f{n}")}))
        .collect();
    let body = json!({"data": data, "nextPageToken": format!("after-{until}")});
    (200, "application/json", body.to_string().into_bytes())
}

/// Lines of a file: a token is made, the one before revoked where the number is odd, and
/// many people sign in.
pub(crate) fn lines(file: usize) -> usize {
    let told = if file % 2 == 1 { 2 } else { 1 };
    told + noise(file)
}

/// Every 50th file is a large one.
fn noise(file: usize) -> usize {
    if file % 50 == 25 { 60_000 } else { 40 }
}

/// Every other file is compressed; only their content says so.
fn content(file: usize) -> Vec<u8> {
    let event = |name: &str, category: &str, key: &str, id: usize| {
        let event = json!({
            "type": "audit.3", "time": "2026-11-20T10:00:00Z", "name": name, "result": "SUCCESS",
            "categories": [category], "uid": "someone", "logEntryId": format!("{file}-{name}"),
            "resultFields": {key: [{
                "id": {"type": "other", "other": {"value": format!("token-{id}")}},
                "expirationTime": "2099-01-01T00:00:00Z",
                "userId": format!("u{}", id % OWNERS), "type": "API_TOKEN",
            }]},
        });
        format!("{event}\n")
    };
    let mut text = event("CREATE_TOKEN", "tokenGeneration", "generatedTokens", file);
    let login = "{\"type\":\"audit.3\",\"time\":\"2026-11-20T10:00:01Z\",\"name\":\"LOGIN\",\"result\":\"SUCCESS\",\"categories\":[\"authenticationCheck\"],\"uid\":\"someone\",\"sid\":\"d41d8cd98f00b204\"}\n";
    text.push_str(&login.repeat(noise(file)));
    if file % 2 == 1 {
        text.push_str(&event(
            "REVOKE_TOKEN",
            "tokenRevoke",
            "revokedTokens",
            file - 1,
        ));
        return text.into_bytes();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}
