//! Sends the requests of one source: patiently, but never for ever.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::ports::{Clock, ConnectorError};
use bytes::Bytes;
use egress::{Egress, EgressError, Request, RetryVerdict, Trust};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::document::Shared;
use super::request::Prepared;
use super::signer::Signer;
use crate::rate::{Pace, TRIES, pace};

/// The longest body of one answer, in bytes.
const BODY_MAX: usize = 64 * 1024 * 1024;
/// How long one request may take where the preset does not say.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Waits before what failed in passing is tried again.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// What requests go out over.
pub(super) struct Wire {
    pub egress: Egress,
    pub clock: Arc<dyn Clock>,
    pub shared: Shared,
}

/// What came back, whatever its status.
pub(super) struct Answer {
    pub url: Url,
    pub status: u16,
    /// By name in small letters; several of one name are joined by commas.
    pub headers: BTreeMap<String, String>,
    pub bytes: Bytes,
}

impl Wire {
    /// Sends a request once its turn has come; tries again what failed in passing, and
    /// waits where the other side asks for it.
    ///
    /// # Errors
    /// It cannot be reached, or asks for more patience than there is.
    pub async fn send(&self, prepared: &Prepared) -> Result<Answer, ConnectorError> {
        let (mut failures, mut limits) = (0, 0);
        loop {
            if let Some(delay) = self.shared.delay {
                tokio::time::sleep(delay.to_std()).await;
            }
            let outcome = self
                .egress
                .send(self.request(prepared)?, Trust::Trusted)
                .await;
            let wait = match outcome {
                Ok(answer) => {
                    match pace(answer.status, &answer.headers, limits, self.clock.now()) {
                        Pace::Wait(wait) if limits < TRIES => {
                            limits += 1;
                            wait
                        }
                        Pace::Wait(wait) | Pace::TooLong(wait) => return Err(limited(wait)),
                        Pace::Free => match AGAIN.get(failures) {
                            Some(wait) if answer.status >= 500 => {
                                failures += 1;
                                *wait
                            }
                            _ => return taken(prepared, answer),
                        },
                    }
                }
                Err(error) => match AGAIN.get(failures) {
                    Some(wait) if error.verdict() == RetryVerdict::Retry => {
                        failures += 1;
                        *wait
                    }
                    _ => return Err(unavailable(&error)),
                },
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends a request with a proof of who sends it; after a 401 once more with another.
    ///
    /// # Errors
    /// As [`Wire::send`], and what makes the proof impossible.
    pub async fn ask(
        &self,
        prepared: &Prepared,
        signer: &Signer,
    ) -> Result<Answer, ConnectorError> {
        let proof = signer.proof(self).await?;
        let answer = self.send(&prepared.clone().with(proof.clone())).await?;
        if answer.status != 401 || !signer.renew(&proof).await {
            return Ok(answer);
        }
        let proof = signer.proof(self).await?;
        self.send(&prepared.clone().with(proof)).await
    }

    fn request(&self, prepared: &Prepared) -> Result<Request, ConnectorError> {
        let target = self.egress.target(prepared.url.as_str(), Trust::Trusted);
        let target = target.map_err(|error| {
            ConnectorError::Unavailable(format!("its address is refused: {error}"))
        })?;
        let mut request = Request::new(prepared.method.clone(), target);
        for (name, value) in &prepared.headers {
            let unusable = || {
                let sentence = format!(
                    "the header `{name}` cannot be sent: it holds a line break or is no header"
                );
                ConnectorError::Unavailable(sentence)
            };
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| unusable())?;
            value.set_sensitive(true);
            let name: HeaderName = name.parse().map_err(|_| unusable())?;
            request.headers.insert(name, value);
        }
        if let Some(body) = &prepared.body {
            request = request.body(body.expose().clone().into_bytes());
        }
        request.timeout = Some(self.shared.timeout.map_or(TIMEOUT, |t| t.to_std()));
        request.body_max = BODY_MAX;
        Ok(request)
    }
}

fn taken(prepared: &Prepared, answer: egress::Response) -> Result<Answer, ConnectorError> {
    if answer.truncated && (200..300).contains(&answer.status) {
        let sentence = "an answer broke off, or is longer than 64 MiB; ask for smaller pages";
        return Err(ConnectorError::Unreadable(sentence.to_owned()));
    }
    Ok(Answer {
        url: prepared.url.clone(),
        status: answer.status,
        headers: headers(&answer.headers),
        bytes: answer.body,
    })
}

fn headers(map: &HeaderMap) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in map {
        let Ok(value) = value.to_str() else { continue };
        let entry = headers.entry(name.as_str().to_owned()).or_default();
        if !entry.is_empty() {
            entry.push_str(", ");
        }
        entry.push_str(value);
    }
    headers
}

fn limited(wait: Duration) -> ConnectorError {
    ConnectorError::Unavailable(format!(
        "it asks to wait {} s; it is read again at its next turn",
        wait.as_secs()
    ))
}

fn unavailable(error: &EgressError) -> ConnectorError {
    ConnectorError::Unavailable(error.to_string())
}
