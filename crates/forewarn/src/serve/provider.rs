//! The organisation's identity provider, by OpenID Connect: discovery, authorization code
//! with PKCE, an ID token whose signature and claims are checked.
//!
//! Everything goes out through the one guarded way. Time is the server's own clock.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use app::Context;
use app::ports::{Asked, Clock, IdentityProvider, ProviderError, Random, Vouched};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::kernel::{Secret, base62};
use egress::{Egress, EgressError, Request, TargetError, Trust};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::build::{Environment, sentence};
use crate::cli::CliError;
use crate::config::{Config, ProviderConfig};

/// Letters of what ties an answer to its question: 190 bits each, and a verifier as long
/// as RFC 7636 wants it at least.
const TIE_CHARS: usize = 32;
const VERIFIER_CHARS: usize = 64;
/// Key sets of large providers are long.
const BODY_MAX: usize = 1024 * 1024;
/// So many groups are looked at.
const GROUPS_MAX: usize = 1_000;

/// Claims that the standard does not name: groups among them.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Others {
    #[serde(flatten)]
    all: HashMap<String, Value>,
}

impl AdditionalClaims for Others {}

type Fields = IdTokenFields<
    Others,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Client = openidconnect::Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A configured provider.
struct Provider {
    way: Way,
    issuer: IssuerUrl,
    client_id: ClientId,
    secret: Option<Secret<String>>,
    config: ProviderConfig,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// The provider of the configuration, if it names one.
pub(super) fn open(
    config: &Config,
    egress: &Egress,
    ctx: &Context,
    environment: &Environment,
) -> Result<Option<Arc<dyn IdentityProvider>>, CliError> {
    let Some(config) = &config.sign_in.provider else {
        return Ok(None);
    };
    let wrong =
        |e: &dyn std::fmt::Display| CliError::failed(format!("sign_in.provider.issuer: {e}"));
    let secret = config.client_secret.as_ref();
    let secret = secret.map(|secret| secret.read(environment)).transpose();
    Ok(Some(Arc::new(Provider {
        way: Way(egress.clone()),
        issuer: IssuerUrl::new(config.issuer.clone()).map_err(|e| wrong(&e))?,
        client_id: ClientId::new(config.client_id.clone()),
        secret: secret.map_err(sentence)?,
        config: config.clone(),
        clock: Arc::clone(&ctx.clock),
        random: Arc::clone(&ctx.random),
    })))
}

impl Provider {
    /// What the provider says of itself now; asked each time, for its keys change.
    async fn metadata(&self) -> Result<CoreProviderMetadata, ProviderError> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.way).await;
        found.map_err(|error| ProviderError::Unavailable(chain(&error)))
    }

    fn secret(&self) -> Option<ClientSecret> {
        let secret = self.secret.as_ref();
        secret.map(|secret| ClientSecret::new(secret.expose().clone()))
    }

    fn letters(&self, count: usize) -> String {
        base62(&mut self.random.as_ref(), count)
    }

    fn groups(&self, others: &Others) -> Vec<String> {
        match others.all.get(&self.config.groups_claim) {
            Some(Value::Array(all)) => {
                let texts = all.iter().filter_map(Value::as_str).take(GROUPS_MAX);
                texts.map(str::to_owned).collect()
            }
            Some(Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        }
    }
}

#[async_trait]
impl IdentityProvider for Provider {
    fn label(&self) -> &str {
        &self.config.label
    }

    async fn ask(&self, redirect: &str) -> Result<Asked, ProviderError> {
        let metadata = self.metadata().await?;
        let client =
            Client::from_provider_metadata(metadata, self.client_id.clone(), self.secret())
                .set_redirect_uri(redirect_url(redirect)?);
        let [state, nonce] = [(); 2].map(|()| self.letters(TIE_CHARS));
        let verifier = self.letters(VERIFIER_CHARS);
        let kept = Secret::new(format!("{state}.{nonce}.{verifier}"));
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
        let scopes = self.config.scopes.iter().cloned().map(Scope::new);
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        Ok(Asked {
            url: url.to_string(),
            keep: kept,
        })
    }

    async fn answer(
        &self,
        redirect: &str,
        keep: &Secret<String>,
        state: &str,
        code: &Secret<String>,
    ) -> Result<Vouched, ProviderError> {
        let refused = |why: &str| ProviderError::Refused(why.to_owned());
        let mut kept = keep.expose().split('.');
        let parts = (kept.next(), kept.next(), kept.next());
        let (Some(asked), Some(nonce), Some(verifier)) = parts else {
            return Err(refused("what the browser kept cannot be read"));
        };
        if asked != state || state.len() != TIE_CHARS {
            return Err(refused("the state is not the one that was asked with"));
        }
        let metadata = self.metadata().await?;
        let client =
            Client::from_provider_metadata(metadata, self.client_id.clone(), self.secret())
                .set_redirect_uri(redirect_url(redirect)?);
        let code = AuthorizationCode::new(code.expose().clone());
        let exchange = client
            .exchange_code(code)
            .map_err(|e| ProviderError::Unavailable(chain(&e)))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let tokens = exchange.request_async(&self.way).await;
        let tokens = tokens.map_err(|error| ProviderError::Refused(chain(&error)))?;
        let token = tokens
            .id_token()
            .ok_or_else(|| refused("no ID token came"))?;
        let clock = Arc::clone(&self.clock);
        let check = client.id_token_verifier().set_time_fn(move || at(&clock));
        let claims = token
            .claims(&check, &Nonce::new(nonce.to_owned()))
            .map_err(|error| ProviderError::Refused(chain(&error)))?;
        let verified = claims.email_verified() == Some(true);
        let email = claims.email().filter(|_| verified);
        let name = claims.name().and_then(|name| name.get(None));
        Ok(Vouched {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            email: email.map(|email| email.to_string()),
            name: name.map(|name| name.to_string()),
            groups: self.groups(claims.additional_claims()),
        })
    }
}

fn redirect_url(text: &str) -> Result<RedirectUrl, ProviderError> {
    RedirectUrl::new(text.to_owned()).map_err(|e| ProviderError::Unavailable(chain(&e)))
}

fn at(clock: &Arc<dyn Clock>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(clock.now().as_micros()).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// An error with its causes, for the log; none of them holds a code or a token.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// The guarded way out, as the library wants it.
struct Way(Egress);

/// Why a request did not come back.
#[derive(Debug, thiserror::Error)]
enum WayError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Egress(#[from] EgressError),
    #[error("the answer is longer than {BODY_MAX} bytes")]
    TooLong,
    #[error("the answer cannot be read")]
    Unreadable,
}

impl<'c> AsyncHttpClient<'c> for Way {
    type Error = WayError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WayError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let target = self.0.target(&parts.uri.to_string(), Trust::Trusted)?;
            let mut wanted = Request::new(parts.method, target).body(body);
            wanted.headers = parts.headers;
            wanted.body_max = BODY_MAX;
            let came = self.0.send(wanted, Trust::Trusted).await?;
            if came.truncated {
                return Err(WayError::TooLong);
            }
            let mut response = http::Response::new(came.body.to_vec());
            *response.status_mut() =
                http::StatusCode::from_u16(came.status).map_err(|_| WayError::Unreadable)?;
            *response.headers_mut() = came.headers;
            Ok(response)
        })
    }
}
