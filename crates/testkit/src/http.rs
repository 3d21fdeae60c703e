//! A client that says exactly what a test wants said, well formed or not.
//!
//! One request a connection, blocking. It follows nothing, repairs nothing and
//! verifies nothing, so that a test sees what a stranger would see.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose server cannot be reached has failed"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A server that takes longer than this has failed the test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Talks to one server, as one caller.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
}

impl Client {
    /// A caller without a token.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: None,
        }
    }

    /// The same server, asked with a bearer token.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Self {
        let token = Some(token.to_owned());
        Self { token, ..*self }
    }

    /// The token it comes with.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    /// `POST path` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.json("POST", path, body)
    }

    /// `PATCH path` with a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Reply {
        self.json("PATCH", path, body)
    }

    /// `POST path` with a form, its values already encoded.
    pub fn form(&self, path: &str, body: &str) -> Reply {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.request("POST", path, &kind, body.as_bytes())
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        let kind = [("content-type", "application/json")];
        self.request(method, path, &kind, body.to_string().as_bytes())
    }

    /// Any request. `host`, `connection`, `content-length` and, where there is a token,
    /// `authorization` are added.
    ///
    /// # Panics
    /// When the server cannot be reached or does not answer.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        self.try_request(method, path, headers, body)
            .expect("the server answers")
    }

    /// Like [`Client::request`], for a server that may be dead.
    ///
    /// # Errors
    /// When it cannot be reached, or closes without a whole answer.
    pub fn try_request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Reply> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.address,
            body.len()
        );
        let own = self
            .token
            .as_ref()
            .map(|token| ("authorization", format!("Bearer {token}")));
        let given = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        for (name, value) in own.into_iter().chain(given) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.try_raw(&[head.as_bytes(), body].concat())
    }

    /// Sends bytes as they are and reads until the server closes.
    ///
    /// # Panics
    /// When the server cannot be reached or does not answer.
    pub fn raw(&self, bytes: &[u8]) -> Reply {
        self.try_raw(bytes).expect("the server answers")
    }

    /// Like [`Client::raw`], for a server that may be dead.
    ///
    /// # Errors
    /// When it cannot be reached, or closes without a whole answer.
    pub fn try_raw(&self, bytes: &[u8]) -> std::io::Result<Reply> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        // A server that refuses early may close before it has read everything.
        let sent = stream.write_all(bytes);
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        let whole = match bytes.starts_with(b"HEAD ") {
            true => Reply::head(&answer),
            false => Reply::parse(&answer),
        };
        match whole {
            Some(reply) => Ok(reply),
            None => Err(sent
                .and(read.map(drop))
                .err()
                .unwrap_or_else(|| std::io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers as sent, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body, its transfer coding undone.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none; the message shows what it is.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON, status {}: {}", self.status, self.text()))
    }

    /// The reply itself, if its status is this one.
    ///
    /// # Panics
    /// When it is another; the message shows the body.
    #[must_use]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// `None` if these bytes are not one whole answer.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reply = Self::head(bytes)?;
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = unchunk(&reply.body)?;
        } else if let Some(length) = reply.header("content-length") {
            let length: usize = length.parse().ok()?;
            reply.body.get(..length)?;
        }
        Some(reply)
    }

    /// The answer to `HEAD`, whose length is that of a body that does not follow.
    fn head(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let pairs = lines.filter_map(|line| line.split_once(':'));
        let headers = pairs.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        let headers = headers.collect();
        let body = bytes.get(end + 4..)?.to_vec();
        Some(Self {
            status,
            headers,
            body,
        })
    }
}

/// Undoes the chunked coding; `None` if the last chunk is missing.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 2 + size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_is_put_together() {
        let bytes =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(Reply::parse(bytes).unwrap().text(), "abc");
    }

    #[test]
    fn half_an_answer_is_none() {
        assert!(Reply::parse(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab").is_none());
        assert!(Reply::parse(b"HTTP/1.1 200").is_none());
    }
}
