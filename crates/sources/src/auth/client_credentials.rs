//! OAuth 2.0 client credentials (RFC 6749, 4.4): id and secret against a short-lived
//! bearer token.
//!
//! A token is kept until a minute before its end; what a 401 refused is forgotten and
//! fetched once more. Nothing of an answer is repeated in an error but the error codes
//! that the RFC itself lists.

use std::sync::Arc;

use app::ports::{Clock, ConnectorError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::kernel::{Instant, Secret, Span};
use egress::{Egress, Request, Response, Trust};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::keys::SecretHandle;
use crate::rate::{Pace, pace};

/// So long before its end a token is used no more.
const MARGIN: Span = Span::minutes(1);
/// How long a token is believed to live that does not say so: RFC 6749, 5.1, only
/// recommends `expires_in`.
const LIFE_UNSAID: Span = Span::minutes(5);
/// No token is kept longer, whatever it says.
const LIFE_MAX: Span = Span::hours(24);

/// What is asked for, and how.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token endpoint, an absolute URL.
    pub token_url: String,
    /// The client's id; read at each use.
    pub client_id: SecretHandle,
    /// The client's secret; read at each use.
    pub client_secret: SecretHandle,
    /// What the token shall be good for, separated by blanks; left out if `None`.
    pub scope: Option<String>,
    /// For whom the token is meant (Auth0 and its like); left out if `None`.
    pub audience: Option<String>,
    /// Whether id and secret stand in the form; else they are sent as HTTP Basic, which
    /// every server must take (RFC 6749, 2.3.1).
    pub in_body: bool,
}

/// Fetches tokens and keeps the last one.
pub struct ClientCredentials {
    grant: Grant,
    egress: Egress,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    token: Secret<String>,
    until: Instant,
}

/// A successful answer (RFC 6749, 5.1).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: Value,
}

impl std::fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientCredentials")
    }
}

impl ClientCredentials {
    /// Nothing is fetched yet.
    pub fn new(grant: Grant, egress: Egress, clock: Arc<dyn Clock>) -> Self {
        Self {
            grant,
            egress,
            clock,
            kept: Mutex::new(None),
        }
    }

    /// A token that is good for a minute at least, as far as the server said. Callers
    /// that ask at the same time share one request.
    ///
    /// # Errors
    /// [`ConnectorError::Auth`] when id, secret or scope are refused; the others as they
    /// are.
    pub async fn token(&self) -> Result<Secret<String>, ConnectorError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.until) {
            return Ok(kept.token.clone());
        }
        *kept = None;
        let fresh = self.fetch().await?;
        Ok(kept.insert(fresh).token.clone())
    }

    /// Forgets a token that was answered with 401, unless another has taken its place.
    pub async fn forget(&self, refused: &Secret<String>) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|kept| kept.token == *refused) {
            *kept = None;
        }
    }

    async fn fetch(&self) -> Result<Kept, ConnectorError> {
        let asked_at = self.clock.now();
        let request = self.request()?;
        let answer = self.egress.send(request, Trust::Trusted).await;
        let answer = answer.map_err(|error| {
            ConnectorError::Unavailable(format!("no token can be fetched: {error}"))
        })?;
        if !(200..300).contains(&answer.status) {
            return Err(refusal(&answer, asked_at));
        }
        let told: Answer = serde_json::from_slice(&answer.body).map_err(|_| {
            let sentence = "its token endpoint answers without a token; check `token_url`";
            ConnectorError::Unreadable(sentence.to_owned())
        })?;
        let life = life(&told.expires_in);
        // A life of less than two minutes would otherwise end before it began.
        let used = Span::from_micros(life.as_micros() / 2).max(life_without_margin(life));
        Ok(Kept {
            token: Secret::new(told.access_token),
            until: asked_at + used,
        })
    }

    fn request(&self) -> Result<Request, ConnectorError> {
        let grant = &self.grant;
        let target = self.egress.target(&grant.token_url, Trust::Trusted);
        let target = target.map_err(|error| {
            ConnectorError::Unavailable(format!("the token endpoint is refused: {error}"))
        })?;
        let unreadable = ConnectorError::Unavailable;
        let id = grant.client_id.read().map_err(unreadable)?;
        let secret = grant.client_secret.read().map_err(unreadable)?;
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        for (name, value) in [("scope", &grant.scope), ("audience", &grant.audience)] {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        let mut request = Request::new(Method::POST, target)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            );
        if grant.in_body {
            form.append_pair("client_id", id.expose());
            form.append_pair("client_secret", secret.expose());
        } else {
            request = request.header(AUTHORIZATION, basic(&id, &secret)?);
        }
        Ok(request.body(form.finish()))
    }
}

/// RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
fn basic(id: &Secret<String>, secret: &Secret<String>) -> Result<HeaderValue, ConnectorError> {
    let encoded =
        |text: &Secret<String>| -> String { byte_serialize(text.expose().as_bytes()).collect() };
    let pair = BASE64_STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
    let mut value = HeaderValue::from_str(&format!("Basic {pair}"))
        .map_err(|_| ConnectorError::Auth("the client's id or secret is no header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// `expires_in` as a number of seconds, or as the text that some servers make of it.
fn life(expires_in: &Value) -> Span {
    let seconds = match expires_in {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let said = seconds
        .filter(|s| *s > 0)
        .map(|s| s.min(LIFE_MAX.as_seconds()));
    said.map_or(LIFE_UNSAID, Span::seconds)
}

fn life_without_margin(life: Span) -> Span {
    Span::from_micros(life.as_micros() - MARGIN.as_micros())
}

/// What a refusal means. RFC 6749, 5.2: 400 or 401 with one of six codes.
fn refusal(answer: &Response, now: Instant) -> ConnectorError {
    match (answer.status, pace(answer.status, &answer.headers, 0, now)) {
        (_, Pace::Wait(wait) | Pace::TooLong(wait)) => ConnectorError::Unavailable(format!(
            "its token endpoint asks to wait {} s",
            wait.as_secs()
        )),
        (status @ (400 | 401 | 403), _) => ConnectorError::Auth(match code(&answer.body) {
            Some(code) => format!(
                "its token endpoint answers {status} ({code}); check id, secret and scopes of the client"
            ),
            None => format!(
                "its token endpoint answers {status}; check id, secret and scopes of the client"
            ),
        }),
        (status @ 500.., _) => {
            ConnectorError::Unavailable(format!("its token endpoint answers {status}"))
        }
        (status, _) => ConnectorError::Unreadable(format!(
            "its token endpoint answers {status}; check `token_url`"
        )),
    }
}

/// The code of an error answer, if it is one that RFC 6749, 5.2 lists: nothing that the
/// other side makes up gets into an error.
fn code(body: &[u8]) -> Option<&'static str> {
    const CODES: [&str; 6] = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ];
    let body: Value = serde_json::from_slice(body).ok()?;
    let told = body.get("error")?.as_str()?;
    CODES.into_iter().find(|code| *code == told)
}

#[cfg(test)]
mod tests;
