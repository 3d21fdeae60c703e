//! Stands before every call: who is it, may they, do the parameters exist?
//!
//! The use cases authorise themselves as well; the guard only makes sure that nobody is
//! told what is wrong with a body they may not send, and that no call is forgotten.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use app::tokens::Proven;
use app::{AuthError, Principal};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::kernel::Instant;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

use crate::problem::{Kind, Problem};
use crate::request::{Param, Params, presented};
use crate::route::{Needs, Route};
use crate::state::Api;

/// When the token that authenticated ends, on every reply.
pub const EXPIRATION: HeaderName = HeaderName::from_static("authentication-token-expiration");

/// How long a body may take to arrive where a call is meant to take long.
const LONG: Duration = Duration::from_secs(3600);

/// What the guard must know of a call.
#[derive(Clone)]
pub struct Post {
    api: Api,
    needs: Needs,
    params: Arc<[Param]>,
    checks_params: bool,
    patience: Duration,
}

/// Who makes the call; only where the route needs a token.
#[derive(Clone, Debug)]
pub struct Caller(pub Principal);

impl Post {
    /// Before this call.
    pub fn before(route: &Route, api: &Api) -> Self {
        Self {
            needs: route.needs,
            params: route.params.clone().into(),
            checks_params: route.needs != Needs::Nothing && !route.ignores_others,
            patience: if route.is_long {
                LONG
            } else {
                api.options.patience
            },
            api: api.clone(),
        }
    }
}

/// Authenticates, checks scope and parameters, runs the call, adds the token's end.
pub async fn guard(State(post): State<Post>, mut request: Request, next: Next) -> Response {
    if post.needs == Needs::Nothing {
        return run(request, next, post.patience).await;
    }
    let caller = match authenticate(&post.api, request.headers(), request.extensions()) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let end = caller.expires_at;
    let response = match admit(&post, &caller, &request) {
        Ok(()) => {
            request.extensions_mut().insert(Caller(caller));
            run(request, next, post.patience).await
        }
        Err(problem) => problem.into_response(),
    };
    with_expiration(response, end)
}

/// Proves the bearer token of a request. What is no token counts against the address it
/// came from; what is genuine, expired or revoked never does.
///
/// # Errors
/// 400 and 401 of RFC 6750; 429 (RFC 6585 §4) instead of 401 for an address that fails
/// again and again.
pub fn authenticate(
    api: &Api,
    headers: &HeaderMap,
    client: &Extensions,
) -> Result<Principal, Problem> {
    let client = client.get::<ConnectInfo<SocketAddr>>();
    let client = client.map(|ConnectInfo(peer)| peer.ip());
    prove(api, headers, client, api.ctx.now()).map(|proven| proven.principal)
}

/// The same at an instant that the caller read, of a client at this address, and how the
/// token stands.
///
/// # Errors
/// As [`authenticate`].
pub fn prove(
    api: &Api,
    headers: &HeaderMap,
    client: Option<IpAddr>,
    now: Instant,
) -> Result<Proven, Problem> {
    let bearer = presented(headers)?.ok_or(AuthError::Missing)?;
    app::prove(&api.ctx, bearer, now, client).map_err(|error| {
        let failed = error == AuthError::Invalid;
        match failed.then(|| api.failures.one_of(client)).flatten() {
            Some(seconds) => Problem::too_many_failures(seconds),
            None => error.into(),
        }
    })
}

/// Notes where a use came from, if that is known.
pub fn came_from(api: &Api, caller: &Principal, client: Option<IpAddr>) {
    if let (Some(token), Some(client)) = (&caller.token, client) {
        api.ctx.verifier.came_from(token, client);
    }
}

fn admit(post: &Post, caller: &Principal, request: &Request) -> Result<(), Problem> {
    if let Needs::Scope(scope) = post.needs
        && !caller.grant.holds(scope)
    {
        return Err(Problem::lacks(scope));
    }
    if post.checks_params {
        Params::read(request.uri().query().unwrap_or("")).check(&post.params)?;
    }
    Ok(())
}

/// Adds the token's end to a reply.
pub fn with_expiration(mut response: Response, end: Option<Instant>) -> Response {
    let value = end.and_then(|end| HeaderValue::from_str(&end.to_string()).ok());
    if let Some(value) = value {
        response.headers_mut().insert(EXPIRATION, value);
    }
    response
}

/// Runs the call as a task of its own: a caller who hangs up must not stop a change
/// between its commit and what follows it, and a panic must not close the connection.
async fn run(request: Request, next: Next, patience: Duration) -> Response {
    fenced(next.run(request), patience).await
}

/// The same of any call.
pub async fn fenced(
    call: impl Future<Output = Response> + Send + 'static,
    patience: Duration,
) -> Response {
    match tokio::time::timeout(patience, tokio::spawn(call)).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            Problem::new(
                Kind::Internal,
                "a fault of ours; the server's log says more",
            )
            .into_response()
        }
        Err(_) => took_too_long().into_response(),
    }
}

/// 503 for a call that did not end in time.
pub fn took_too_long() -> Problem {
    let remedy = "this took too long; look whether it was done before you repeat it, or repeat it with the same Idempotency-Key";
    Problem::new(Kind::Unavailable, remedy).retry_after(5)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        // Without a guard nobody is let in: a route that forgot its need fails closed.
        caller.ok_or_else(|| AuthError::Missing.into())
    }
}
