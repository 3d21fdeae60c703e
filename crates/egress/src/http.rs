//! One request, one answer, both bounded.
//!
//! Redirects are answers like any other, never followed. The answer's body is read
//! as a stream and cut at a limit: an endless one costs no more than a long one.

use std::time::Duration;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::{Bytes, BytesMut};

use crate::address::{Refusal, Trust};
use crate::error::{EgressError, find, root_cause};
use crate::settings::Egress;
use crate::target::{Target, TargetError};

/// What is asked for. Header values that are secret should be marked sensitive.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to.
    pub target: Target,
    /// Headers beside `host`, `user-agent` and `content-length`.
    pub headers: HeaderMap,
    /// The body, sent as it is.
    pub body: Bytes,
    /// Another limit than the default 15 s for the whole exchange.
    pub timeout: Option<Duration>,
    /// Where the answer's body is cut, in bytes; 64 KiB.
    pub body_max: usize,
    /// Whether a guarded request may go over a connection that carried another within the
    /// last two seconds. Only for what may be said twice: the other side may hang up just
    /// then, and nobody knows what it read.
    pub repeatable: bool,
}

impl Request {
    /// Where an answer is cut unless the caller says otherwise.
    pub const BODY_MAX: usize = 64 * 1024;

    /// A request without headers and body.
    pub fn new(method: Method, target: Target) -> Self {
        let headers = HeaderMap::new();
        Self {
            method,
            target,
            headers,
            body: Bytes::new(),
            timeout: None,
            body_max: Self::BODY_MAX,
            repeatable: false,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code; 3xx is given as it is.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most `body_max` bytes.
    pub body: Bytes,
    /// True when the body was longer, or broke off, after the status had come.
    pub truncated: bool,
}

impl Response {
    /// A header as text; `None` when it is missing or not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body's beginning for a person: at most `chars_max` characters on one line.
    pub fn excerpt(&self, chars_max: usize) -> String {
        let text = String::from_utf8_lossy(&self.body);
        text.chars()
            .take(chars_max)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect()
    }
}

impl Egress {
    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// Refused by policy, not reached, not secure, too slow, or not HTTP; a status
    /// of any kind is no error here.
    pub async fn send(&self, request: Request, trust: Trust) -> Result<Response, EgressError> {
        let host = request.target.host().to_owned();
        let limit = request.timeout.unwrap_or(self.settings.total_timeout);
        // The client's resolver never sees an address that stands in the URL.
        request
            .target
            .check_literal(&self.policy, trust)
            .map_err(|e| refused(&host, e))?;
        let body_max = request.body_max;
        let exchange = async {
            let response = self
                .start(request, trust)
                .send()
                .await
                .map_err(|e| classify(&host, e, limit))?;
            Ok(read(response, body_max).await)
        };
        let outcome = tokio::time::timeout(limit, exchange).await;
        outcome.unwrap_or(Err(EgressError::Timeout { host, after: limit }))
    }

    pub(crate) fn start(&self, request: Request, trust: Trust) -> reqwest::RequestBuilder {
        let builder = self
            .client(trust, request.repeatable)
            .request(request.method, request.target.url().clone());
        let builder = match request.timeout {
            Some(limit) => builder.timeout(limit),
            None => builder,
        };
        builder.headers(request.headers).body(request.body)
    }
}

async fn read(mut response: reqwest::Response, body_max: usize) -> Response {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    let truncated = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = body_max.saturating_sub(body.len());
                body.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
                if chunk.len() > room {
                    break true;
                }
            }
            Ok(None) => break false,
            // The status has come; what follows it cannot change what it said.
            Err(_) => break true,
        }
    };
    Response {
        status,
        headers,
        body: body.freeze(),
        truncated,
    }
}

pub(crate) fn refused(host: &str, error: TargetError) -> EgressError {
    match error {
        TargetError::Address(refusal) => EgressError::Refused {
            host: host.to_owned(),
            refusal,
        },
        other => EgressError::Url(other),
    }
}

pub(crate) fn classify(host: &str, error: reqwest::Error, limit: Duration) -> EgressError {
    let error = error.without_url();
    if let Some(ours) = find::<EgressError>(&error) {
        return ours.clone();
    }
    if let Some(refusal) = find::<Refusal>(&error) {
        return EgressError::Refused {
            host: host.to_owned(),
            refusal: refusal.clone(),
        };
    }
    let host = host.to_owned();
    if let Some(tls) = find::<rustls::Error>(&error) {
        return EgressError::Tls {
            host,
            reason: tls.to_string(),
        };
    }
    match error {
        // Even if it was time that ran out: nothing was asked yet, so nothing was done.
        e if e.is_connect() => EgressError::Connect {
            host,
            reason: root_cause(&e),
        },
        e if e.is_timeout() => EgressError::Timeout { host, after: limit },
        e => EgressError::BadResponse {
            host,
            reason: root_cause(&e),
        },
    }
}
