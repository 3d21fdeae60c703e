//! `/auth/verify`: may this request pass? For nginx `auth_request`, Traefik, Envoy.
//!
//! Answers from memory; no database is on this path.

use std::net::IpAddr;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};

use crate::guard::{came_from, with_expiration};
use crate::problem::Problem;
use crate::request::{Param, ParamKind, Params, presented};
use crate::route::{Needs, Route};
use crate::state::Api;

const TOKEN_ID: HeaderName = HeaderName::from_static("x-token-id");
const TOKEN_OWNER: HeaderName = HeaderName::from_static("x-token-owner");
const TOKEN_SCOPES: HeaderName = HeaderName::from_static("x-token-scopes");
const WANTED: HeaderName = HeaderName::from_static("x-forewarn-scope");

const SCOPE: &[Param] = &[Param::new(
    "scope",
    ParamKind::Texts,
    "A scope that the token must hold; several by repetition or separated by blanks.",
)];

/// The calls for forward-auth.
pub fn routes() -> Vec<Route> {
    let says = "Forward-auth: 200 with `x-token-id`, `x-token-owner`, `x-token-scopes` when the token is valid and holds every scope asked for, else 401 or 403. A connector token passes only where a scope is asked for.";
    vec![
        Route::any("/auth/verify", Needs::Nothing, exact)
            .says(says)
            .takes(SCOPE)
            .answers_as(StatusCode::OK, ""),
        Route::any("/auth/verify/{*path}", Needs::Nothing, below)
            .says("The same for proxies that append the original path (Envoy); scopes also from the header `x-forewarn-scope`.")
            .answers_as(StatusCode::OK, ""),
    ]
}

/// A parameter that is not known is refused: `?scopes=` must not let everybody pass.
async fn exact(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Response {
    judge(&api, &headers, &uri, None)
}

/// May this request pass?
pub fn judge(api: &Api, headers: &HeaderMap, uri: &Uri, client: Option<IpAddr>) -> Response {
    let params = Params::read(uri.query().unwrap_or(""));
    match params.check(SCOPE) {
        Ok(()) => answer(api, headers, &params, client),
        Err(problem) => problem.into_response(),
    }
}

/// The query is the original request's. A `scope` in it can only ask for more.
async fn below(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Response {
    answer(
        &api,
        &headers,
        &Params::read(uri.query().unwrap_or("")),
        None,
    )
}

fn answer(api: &Api, headers: &HeaderMap, params: &Params, client: Option<IpAddr>) -> Response {
    let bearer = match presented(headers) {
        Ok(bearer) => bearer,
        Err(problem) => return problem.into_response(),
    };
    let verified = bearer
        .ok_or(app::AppError::Unauthenticated(app::AuthError::Missing))
        .and_then(|bearer| app::verify_for_scopes(&api.ctx, bearer, &wanted(headers, params)));
    match verified {
        Ok(principal) => {
            came_from(api, &principal, client);
            passed(&principal)
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// What is no text stays a word: no scope is spelled so, and it is refused as any such word.
fn wanted(headers: &HeaderMap, params: &Params) -> Vec<String> {
    let headers = headers.get_all(WANTED).iter();
    let from_headers: Vec<_> = headers
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let words = params
        .texts("scope")
        .chain(from_headers.iter().map(AsRef::as_ref))
        .flat_map(str::split_whitespace);
    words.map(str::to_owned).collect()
}

fn passed(principal: &app::Principal) -> Response {
    let mut response = StatusCode::OK.into_response();
    let id = principal
        .token
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    for (name, value) in [
        (TOKEN_ID, id),
        (TOKEN_OWNER, principal.owner.to_string()),
        (TOKEN_SCOPES, principal.grant.words().join(" ")),
    ] {
        // Ids and scopes are visible ASCII.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    with_expiration(response, principal.expires_at)
}
