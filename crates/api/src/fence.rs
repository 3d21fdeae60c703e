//! Around everything: a request id, headers that keep browsers honest, one log line.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::kernel::base62;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue};

use crate::state::Api;

/// Names a request in the answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Adds the request id and the security headers, and logs the call without its query.
pub async fn fence(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id = request_id(&api, &request);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|p| p.as_str().to_owned());
    let mut response = next.run(request).await;
    let route = route.as_deref().unwrap_or("unknown");
    tracing::debug!(%id, %method, route, status = response.status().as_u16(), "answered");
    if response.status().is_server_error() {
        tracing::warn!(%id, %method, route, status = response.status().as_u16(), "failed");
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    harden(&api, &mut response);
    response
}

/// The caller's id where it is harmless, else a fresh one.
fn request_id(api: &Api, request: &Request) -> String {
    let harmless = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|v| v.to_str().ok());
    match given.filter(harmless) {
        Some(id) => id.to_owned(),
        None => {
            let mut random = &*api.ctx.random;
            base62(&mut random, 20)
        }
    }
}

/// Headers for replies that are no pages. What a handler set itself stays.
fn harden(api: &Api, response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if api.ctx.settings.load().public_url.starts_with("https://") {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
}
