//! One request, an answer of any length, read piece by piece.
//!
//! Nothing is gathered here: memory is one piece, whatever the other side sends. What
//! bounds it instead of a limit for the whole exchange: a time within which the head
//! must come, a time within which each piece must, a time for all of it, and a number of
//! bytes.

use std::time::Duration;

use ::http::HeaderMap;
use bytes::Bytes;
use tokio::time::{Instant, timeout};

use crate::address::Trust;
use crate::error::EgressError;
use crate::http::{Request, classify, refused};
use crate::settings::Egress;

/// What bounds an answer that is read piece by piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The longest wait for the next piece.
    pub idle: Duration,
    /// The longest time from the request to the last piece.
    pub whole: Duration,
    /// The most bytes that are given out, after a transfer's own compression is undone.
    pub bytes_max: u64,
}

impl Default for Flow {
    /// 30 s for a piece, an hour for all, 4 GiB.
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(30),
            whole: Duration::from_secs(3600),
            bytes_max: 4 * 1024 * 1024 * 1024,
        }
    }
}

/// An answer whose head has come.
#[derive(Debug)]
pub struct Streamed {
    /// The status code; 3xx is given as it is.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    host: String,
    flow: Flow,
    ends: Instant,
    given: u64,
    response: reqwest::Response,
}

impl Egress {
    /// Sends a request and gives the answer as soon as its head has come. The request's
    /// own `timeout` bounds the wait for the head; its `body_max` is not looked at.
    ///
    /// # Errors
    /// As [`Egress::send`].
    pub async fn stream(
        &self,
        mut request: Request,
        trust: Trust,
        flow: Flow,
    ) -> Result<Streamed, EgressError> {
        let host = request.target.host().to_owned();
        let limit = request.timeout.unwrap_or(self.settings.total_timeout);
        request
            .target
            .check_literal(&self.policy, trust)
            .map_err(|e| refused(&host, e))?;
        let ends = Instant::now() + flow.whole;
        // The client's own limit is one for the whole exchange.
        request.timeout = Some(flow.whole);
        let head = timeout(limit, self.start(request, trust).send()).await;
        let late = || EgressError::Timeout {
            host: host.clone(),
            after: limit,
        };
        let mut response = head
            .map_err(|_| late())?
            .map_err(|e| classify(&host, e, limit))?;
        Ok(Streamed {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            host,
            flow,
            ends,
            given: 0,
            response,
        })
    }
}

impl Streamed {
    /// A header as text; `None` when it is missing or not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The next piece of the body; `None` at its end. Pieces are as they come off the
    /// wire, some hundred KiB at most.
    ///
    /// # Errors
    /// It broke off, took too long, or became longer than was allowed. What was given
    /// before is the beginning of a body whose rest is unknown.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, EgressError> {
        let left = self.ends.saturating_duration_since(Instant::now());
        let limit = self.flow.idle.min(left);
        let piece = timeout(limit, self.response.chunk()).await;
        let late = || EgressError::Timeout {
            host: self.host.clone(),
            after: limit,
        };
        let piece = piece
            .map_err(|_| late())?
            .map_err(|e| classify(&self.host, e, limit))?;
        let Some(piece) = piece else {
            return Ok(None);
        };
        self.given = self.given.saturating_add(piece.len() as u64);
        if self.given > self.flow.bytes_max {
            return Err(EgressError::BadResponse {
                host: self.host.clone(),
                reason: format!("its answer is longer than {} bytes", self.flow.bytes_max),
            });
        }
        Ok(Some(piece))
    }

    /// The whole body, for an answer that is known to be short.
    ///
    /// # Errors
    /// As [`Streamed::chunk`]; a body of more than `bytes_max` is one that is too long.
    pub async fn bytes(mut self, bytes_max: usize) -> Result<Bytes, EgressError> {
        self.flow.bytes_max = bytes_max as u64;
        let mut body = bytes::BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }
}
