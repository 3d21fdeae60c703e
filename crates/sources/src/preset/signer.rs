//! How a request proves who sends it.
//!
//! Tokens that had to be fetched are kept until a minute before their end, and fetched
//! anew after a 401. Nothing here is ever printed.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::ports::ConnectorError;
use base64::Engine as _;
use domain::kernel::{Instant, Secret, Span};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::document::{Assertion, Auth, Exchange};
use super::expression::{Kept, View};
use super::pointer::{Scope, scalar};
use super::request::{Prepared, prepare, unless_left_out};
use super::session::Wire;
use super::settings::Settings;
use super::template::{Env, Template};
use crate::auth::{ClientCredentials, Grant};
use crate::keys::SecretHandle;

/// How long before its end a token is used no more.
const MARGIN: Span = Span::minutes(1);
/// How long a token is believed to live that does not say so.
const LIFE_UNSAID: Span = Span::minutes(5);
/// How long a signed assertion is valid; GitHub takes ten minutes at most.
const ASSERTION_LIFE: Span = Span::minutes(5);
/// Issuers whose clock is behind refuse what was signed just now.
const ASSERTION_EARLY: Span = Span::minutes(1);

/// Headers that prove who sends a request.
pub(super) type Proof = Vec<(String, Secret<String>)>;

/// Makes proofs.
pub(super) struct Signer {
    how: How,
    settings: Arc<Settings>,
    fetched: Mutex<Option<Fetched>>,
}

enum How {
    Nothing,
    Headers(BTreeMap<String, Template>),
    Basic(Template, Template),
    ClientCredentials(Box<ClientCredentials>),
    Exchange(Box<Exchange>),
    Assertion(Box<Assertion>),
}

struct Fetched {
    token: Secret<String>,
    until: Instant,
}

impl Signer {
    /// Nothing is fetched yet.
    pub fn new(auth: &Auth, settings: &Arc<Settings>, wire: &Wire) -> Result<Self, String> {
        let how = match auth {
            Auth::None => How::Nothing,
            Auth::Bearer { token } => How::Headers(BTreeMap::from([(
                "authorization".to_owned(),
                token.clone().after("Bearer "),
            )])),
            Auth::Headers { headers } => How::Headers(headers.clone()),
            Auth::Basic { username, password } => How::Basic(username.clone(), password.clone()),
            Auth::Exchange(exchange) => How::Exchange(exchange.clone()),
            Auth::JwtAssertion(assertion) => How::Assertion(assertion.clone()),
            Auth::ClientCredentials(oauth) => {
                let env = Env::of(settings);
                let text = |template: &Template| template.url(&env).map_err(|e| e.to_string());
                let plain = |template: &Option<Template>| -> Result<Option<String>, String> {
                    template
                        .as_ref()
                        .map(|t| t.plain_text(&env))
                        .transpose()
                        .map_err(|e| e.to_string())
                };
                let grant = Grant {
                    token_url: text(&oauth.token_url)?,
                    client_id: handle(&oauth.client_id, settings),
                    client_secret: handle(&oauth.client_secret, settings),
                    scope: plain(&oauth.scope)?,
                    audience: plain(&oauth.audience)?,
                    in_body: oauth.in_body,
                };
                let (egress, clock) = (wire.egress.clone(), Arc::clone(&wire.clock));
                How::ClientCredentials(Box::new(ClientCredentials::new(grant, egress, clock)))
            }
        };
        Ok(Self {
            how,
            settings: Arc::clone(settings),
            fetched: Mutex::new(None),
        })
    }

    /// The headers for a request.
    ///
    /// # Errors
    /// A secret cannot be read, or the token that stands for it cannot be fetched.
    pub async fn proof(&self, wire: &Wire) -> Result<Proof, ConnectorError> {
        let env = Env::of(&self.settings);
        match &self.how {
            How::Nothing => Ok(Vec::new()),
            How::Headers(headers) => proofs(headers, &env),
            How::Basic(username, password) => {
                let (name, word) = (secret(username, &env)?, secret(password, &env)?);
                let pair = format!("{}:{}", name.expose(), word.expose());
                let pair = base64::prelude::BASE64_STANDARD.encode(pair);
                Ok(authorization(Secret::new(format!("Basic {pair}"))))
            }
            How::ClientCredentials(oauth) => bearer(oauth.token().await?),
            How::Exchange(exchange) => {
                let fetched = self.fetched(wire, self.exchange(exchange, Vec::new(), wire));
                fetched.await.map(|token| carried(exchange, &token))
            }
            How::Assertion(assertion) => self.asserted(assertion, wire).await,
        }
    }

    /// Whether another proof may do where this one was refused; the one before is
    /// forgotten.
    pub async fn renew(&self, refused: &Proof) -> bool {
        match &self.how {
            How::Nothing | How::Basic(..) => false,
            // A file may have been rotated between reading it and now.
            How::Headers(headers) => {
                let now = proofs(headers, &Env::of(&self.settings));
                now.is_ok_and(|now| now != *refused)
            }
            How::ClientCredentials(oauth) => {
                if let Some((_, header)) = refused.first() {
                    let token = header.expose().trim_start_matches("Bearer ").to_owned();
                    oauth.forget(&Secret::new(token)).await;
                }
                true
            }
            How::Exchange(_) | How::Assertion(_) => self.fetched.lock().await.take().is_some(),
        }
    }

    /// The kept token, or a fresh one; callers at the same time share one request.
    async fn fetched(
        &self,
        wire: &Wire,
        fetch: impl Future<Output = Result<Fetched, ConnectorError>>,
    ) -> Result<Secret<String>, ConnectorError> {
        let mut kept = self.fetched.lock().await;
        let now = wire.clock.now();
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.until) {
            return Ok(kept.token.clone());
        }
        *kept = None;
        Ok(kept.insert(fetch.await?).token.clone())
    }

    /// Asks for the token that the other requests carry.
    async fn exchange(
        &self,
        exchange: &Exchange,
        proof: Proof,
        wire: &Wire,
    ) -> Result<Fetched, ConnectorError> {
        let env = Env::of(&self.settings);
        let request = prepare(&exchange.into(), &wire.shared, &env)?.with(proof);
        let answer = wire.send(&request).await?;
        if !(200..300).contains(&answer.status) {
            return Err(refused(answer.status, "its sign-in"));
        }
        let body: Value = serde_json::from_slice(&answer.bytes).map_err(|_| no_token())?;
        let scope = Scope::whole(&body, &answer.headers);
        let token = exchange.token.find(&scope).and_then(|token| scalar(&token));
        let view = View {
            env: Env {
                scope: Some(scope),
                ..env
            },
            kept: &Kept::new(),
        };
        let ends = exchange
            .expires
            .as_ref()
            .and_then(|expires| expires.instant(&view));
        Ok(fetched(token.ok_or_else(no_token)?, ends, wire.clock.now()))
    }

    async fn asserted(&self, assertion: &Assertion, wire: &Wire) -> Result<Proof, ConnectorError> {
        let jwt = || self.sign(assertion, wire.clock.now());
        match (&assertion.exchange, &assertion.token_url) {
            (Some(exchange), _) => {
                let fetch = async { self.exchange(exchange, bearer(jwt()?)?, wire).await };
                let token = self.fetched(wire, fetch).await?;
                Ok(carried(exchange, &token))
            }
            (None, Some(url)) => {
                let fetch = async { self.trade(url, &jwt()?, wire).await };
                bearer(self.fetched(wire, fetch).await?)
            }
            (None, None) => bearer(jwt()?),
        }
    }

    /// The JWT bearer grant (RFC 7523, section 2.1).
    async fn trade(
        &self,
        url: &Template,
        jwt: &Secret<String>,
        wire: &Wire,
    ) -> Result<Fetched, ConnectorError> {
        let url = url.url(&Env::of(&self.settings)).map_err(|e| missing(&e))?;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("assertion", jwt.expose())
            .finish();
        let request = Prepared::post_form(&url, form)?;
        let answer = wire.send(&request).await?;
        if !(200..300).contains(&answer.status) {
            return Err(refused(answer.status, "its token endpoint"));
        }
        let body: Value = serde_json::from_slice(&answer.bytes).map_err(|_| no_token())?;
        let token = body.get("access_token").and_then(Value::as_str);
        let life = body
            .get("expires_in")
            .and_then(Value::as_i64)
            .map(Span::seconds);
        let now = wire.clock.now();
        let token = token.ok_or_else(no_token)?.to_owned();
        Ok(fetched(token, life.map(|life| now + life), now))
    }

    /// RS256 (RFC 7518, section 3.3).
    fn sign(&self, assertion: &Assertion, now: Instant) -> Result<Secret<String>, ConnectorError> {
        let env = Env::of(&self.settings);
        let pem = secret(&assertion.private_key, &env)?;
        let key = jsonwebtoken::EncodingKey::from_rsa_pem(pem.expose().as_bytes());
        let unusable = "its private key is no RSA key in PEM".to_owned();
        let key = key.map_err(|_| ConnectorError::Auth(unusable.clone()))?;
        let life = assertion.lifetime.unwrap_or(ASSERTION_LIFE);
        let mut claims = json!({
            "iss": secret(&assertion.issuer, &env)?.expose(),
            "iat": (now - ASSERTION_EARLY).as_seconds(),
            "exp": (now + life).as_seconds(),
        });
        let more = [
            ("sub", &assertion.subject),
            ("aud", &assertion.audience),
            ("scope", &assertion.scope),
        ];
        for (name, template) in more {
            if let (Some(template), Some(map)) = (template, claims.as_object_mut()) {
                let text = template.plain_text(&env).map_err(|e| missing(&e))?;
                map.insert(name.to_owned(), Value::String(text));
            }
        }
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
        let jwt = jsonwebtoken::encode(&header, &claims, &key);
        jwt.map(Secret::new)
            .map_err(|_| ConnectorError::Auth(unusable))
    }
}

/// A header whose optional setting was not given is not sent.
fn proofs(headers: &BTreeMap<String, Template>, env: &Env<'_>) -> Result<Proof, ConnectorError> {
    let mut proof = Proof::new();
    for (name, template) in headers {
        let value = unless_left_out(template.secret(env))?;
        proof.extend(value.map(|value| (name.to_ascii_lowercase(), value)));
    }
    Ok(proof)
}

fn handle(template: &Template, settings: &Arc<Settings>) -> SecretHandle {
    let (template, settings) = (template.clone(), Arc::clone(settings));
    SecretHandle::new(move || {
        let secret = template.secret(&Env::of(&settings));
        secret.map_err(|e| e.to_string())
    })
}

fn secret(template: &Template, env: &Env<'_>) -> Result<Secret<String>, ConnectorError> {
    template.secret(env).map_err(|e| missing(&e))
}

fn missing(why: &super::template::Missing) -> ConnectorError {
    ConnectorError::Unavailable(why.to_string())
}

fn authorization(value: Secret<String>) -> Proof {
    vec![("authorization".to_owned(), value)]
}

fn bearer(token: Secret<String>) -> Result<Proof, ConnectorError> {
    Ok(authorization(Secret::new(format!(
        "Bearer {}",
        token.expose()
    ))))
}

fn carried(exchange: &Exchange, token: &Secret<String>) -> Proof {
    let value = Secret::new(format!("{}{}", exchange.prefix, token.expose()));
    vec![(exchange.header.to_ascii_lowercase(), value)]
}

fn fetched(token: String, ends: Option<Instant>, now: Instant) -> Fetched {
    let until = ends.map_or(now + LIFE_UNSAID, |ends| ends - MARGIN);
    Fetched {
        token: Secret::new(token),
        until,
    }
}

fn no_token() -> ConnectorError {
    ConnectorError::Unreadable("its sign-in answers without a token".to_owned())
}

/// What a status of a sign-in means.
fn refused(status: u16, whose: &str) -> ConnectorError {
    match status {
        400 | 401 | 403 => ConnectorError::Auth(format!("{whose} answers {status}")),
        _ => ConnectorError::Unavailable(format!("{whose} answers {status}")),
    }
}
