//! Requests to one Foundry: signed in, tried again where that helps, refused in classes.
//!
//! Nothing of an answer is repeated in an error but names of errors that the vendor
//! documents. Pages: palantir/foundry-platform-python `docs/v2/Audit/LogFile.md`,
//! `foundry_sdk/v2/audit/errors.py`, read 2026-11-26.

use std::sync::Arc;
use std::time::Duration;

use app::ports::{Clock, ConnectorError};
use egress::{Egress, EgressError, Flow, Request, Streamed, Trust};
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::auth::{Bearer, authorization};
use crate::rate::{Pace, TRIES, pace};

/// How often a request is tried that failed for a reason that may pass.
const TRIES_OF_FAILURES: u32 = 3;
/// The longest answer that is no file, in bytes.
const ANSWER_MAX: usize = 8 * 1024 * 1024;
/// The longest wait for the head of an answer.
const HEAD: Duration = Duration::from_secs(60);

/// Why a request did not give what was asked for.
#[derive(Debug)]
pub(super) enum Refused {
    /// The cursor is not known any more.
    Cursor,
    /// What was asked for does not exist, or no more.
    Missing,
    /// A limit that lasts longer than a read waits.
    Limit(Duration),
    /// The read ends.
    Failed(ConnectorError),
}

impl From<ConnectorError> for Refused {
    fn from(error: ConnectorError) -> Self {
        Self::Failed(error)
    }
}

impl Refused {
    /// As the outcome of a read that got nowhere.
    pub(super) fn into_error(self, what: &str) -> ConnectorError {
        match self {
            Self::Failed(error) => error,
            Self::Cursor => {
                ConnectorError::Unreadable(format!("it refuses the request for {what}"))
            }
            Self::Missing => ConnectorError::Unreadable(format!(
                "{what} cannot be found; check `host` and `organization`"
            )),
            Self::Limit(wait) => ConnectorError::Unavailable(format!(
                "it asks to wait {} s, longer than one read waits",
                wait.as_secs()
            )),
        }
    }
}

/// One Foundry.
pub(crate) struct Client {
    /// Scheme, host and port.
    pub(crate) base: Url,
    pub(crate) egress: Egress,
    pub(crate) clock: Arc<dyn Clock>,
    /// The first wait after a failure; doubled each time.
    pub(crate) patience: Duration,
}

impl Client {
    /// A URL below `/api/v2`. Parts are percent-encoded.
    pub(super) fn url(&self, parts: &[&str], query: &[(&str, &str)]) -> Result<Url, Refused> {
        // What the standard reads as "here" or "above" would lead to another endpoint.
        if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(Refused::Missing);
        }
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(["api", "v2"]).extend(parts);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// An answer that is JSON.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        bearer: &Bearer,
        url: &Url,
    ) -> Result<T, Refused> {
        let answer = self.get(bearer, url, "application/json").await?;
        let body = answer.bytes(ANSWER_MAX).await.map_err(failed)?;
        serde_json::from_slice(&body).map_err(|_| {
            let sentence = "an answer is not the JSON that is documented; is `host` right, or a sign-in page in between?";
            ConnectorError::Unreadable(sentence.to_owned()).into()
        })
    }

    /// An answer with status 200, its body unread.
    pub(super) async fn get(
        &self,
        bearer: &Bearer,
        url: &Url,
        accept: &'static str,
    ) -> Result<Streamed, Refused> {
        let (mut renewed, mut failures, mut limits) = (false, 0, 0);
        loop {
            let token = bearer.token().await?;
            let answer = match self.once(&token, url, accept).await {
                Ok(answer) => answer,
                Err(error) => {
                    failures += 1;
                    self.wait_or_fail(failures, error).await?;
                    continue;
                }
            };
            match (
                answer.status,
                pace(answer.status, &answer.headers, limits, self.clock.now()),
            ) {
                (200, _) => return Ok(answer),
                (_, Pace::TooLong(wait)) => return Err(Refused::Limit(wait)),
                (_, Pace::Wait(wait)) if limits == TRIES => return Err(Refused::Limit(wait)),
                (_, Pace::Wait(wait)) => {
                    limits += 1;
                    tokio::time::sleep(wait).await;
                }
                (401, _) if !renewed && bearer.renew(&token).await => renewed = true,
                (500.., _) => {
                    failures += 1;
                    let sentence = format!("it answers {}", answer.status);
                    let error = ConnectorError::Unavailable(sentence).into();
                    self.wait_or_fail(failures, error).await?;
                }
                _ => return Err(refusal(answer).await),
            }
        }
    }

    async fn once(
        &self,
        token: &domain::kernel::Secret<String>,
        url: &Url,
        accept: &'static str,
    ) -> Result<Streamed, Refused> {
        let target = self.egress.target(url.as_str(), Trust::Trusted);
        let target = target.map_err(|e| failed(EgressError::Url(e)))?;
        let mut request = Request::new(Method::GET, target)
            .header(AUTHORIZATION, authorization(token)?)
            .header(ACCEPT, HeaderValue::from_static(accept));
        request.timeout = Some(HEAD);
        let answer = self.egress.stream(request, Trust::Trusted, Flow::default());
        answer.await.map_err(failed)
    }

    /// Waits before the next try, or gives up with the error.
    pub(super) async fn wait_or_fail(&self, failures: u32, error: Refused) -> Result<(), Refused> {
        let passes = matches!(&error, Refused::Failed(ConnectorError::Unavailable(_)));
        if !passes || failures >= TRIES_OF_FAILURES {
            return Err(error);
        }
        tokio::time::sleep(self.patience * 2_u32.pow(failures - 1)).await;
        Ok(())
    }
}

/// A failure on the way.
pub(super) fn failed(error: EgressError) -> Refused {
    Refused::Failed(ConnectorError::Unavailable(error.to_string()))
}

/// What a status means that is no success, no limit and no failure of the server.
async fn refusal(answer: Streamed) -> Refused {
    let status = answer.status;
    let name = match answer.bytes(64 * 1024).await {
        Ok(body) => documented(&body),
        Err(_) => None,
    };
    let told = name.map_or(String::new(), |name| format!(" ({name})"));
    match (status, name) {
        (401, _) => ConnectorError::Auth(format!("it answers 401{told}")).into(),
        (403, _) => ConnectorError::Auth(format!(
            "it answers 403{told}; it lacks a scope (`api:audit-read` for logs, `api:admin-read` for names) or a role"
        ))
        .into(),
        (400 | 410, _) => Refused::Cursor,
        (404, _) => Refused::Missing,
        (300..400, _) => ConnectorError::Unreadable(format!(
            "it answers {status}, a redirect, which is not followed; check `host`"
        ))
        .into(),
        _ => ConnectorError::Unreadable(format!("it answers {status}{told}")).into(),
    }
}

/// The name of an error, if it is one that the vendor documents.
fn documented(body: &[u8]) -> Option<&'static str> {
    const NAMES: [&str; 9] = [
        "ListLogFilesPermissionDenied",
        "GetLogFileContentPermissionDenied",
        "MissingStartDate",
        "InvalidPageToken",
        "InvalidPageSize",
        "OrganizationNotFound",
        "UserNotFound",
        "Unauthorized",
        "ApiUsageDenied",
    ];
    let body: Value = serde_json::from_slice(body).ok()?;
    let told = body.get("errorName")?.as_str()?;
    NAMES.into_iter().find(|name| *name == told)
}
