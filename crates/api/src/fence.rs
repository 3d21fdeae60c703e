//! Around everything: a request id, headers that keep browsers honest, one log line.

use std::sync::atomic::{AtomicU64, Ordering};

use app::ports::Random;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::kernel::base62;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::state::Api;

/// Names a request in the answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Adds the request id and the security headers, and logs the call without its query.
pub async fn fence(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id = request_id(&api, request.headers());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|p| p.as_str().to_owned());
    let response = next.run(request).await;
    let route = route.as_deref().unwrap_or("unknown");
    around(&api, &id, &method, route, response)
}

/// What every reply gets, once it is there.
pub fn around(
    api: &Api,
    id: &str,
    method: &Method,
    route: &str,
    mut response: Response,
) -> Response {
    let status = response.status();
    tracing::debug!(%id, %method, route, status = status.as_u16(), "answered");
    if status.is_server_error() {
        tracing::warn!(%id, %method, route, status = status.as_u16(), "failed");
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    harden(api, &mut response);
    response
}

/// Makes ids of requests: they need only differ, so chance is asked once a process.
pub struct RequestIds {
    process: String,
    next: AtomicU64,
}

/// Characters that tell processes apart, and digits that tell requests apart.
const PROCESS_CHARS: usize = 9;
const DIGITS: usize = 11;

impl RequestIds {
    /// For one process.
    pub fn new(mut random: &dyn Random) -> Self {
        Self {
            process: base62(&mut random, PROCESS_CHARS),
            next: AtomicU64::new(0),
        }
    }

    fn make(&self) -> String {
        const ALPHABET: &[u8; 62] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut rest = self.next.fetch_add(1, Ordering::Relaxed);
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            let at = usize::try_from(rest % 62).unwrap_or(0);
            *digit = ALPHABET.get(at).copied().unwrap_or(b'0');
            rest /= 62;
        }
        let mut id = String::with_capacity(PROCESS_CHARS + DIGITS);
        id.push_str(&self.process);
        id.extend(digits.iter().map(|digit| char::from(*digit)));
        id
    }
}

/// The caller's id where it is harmless, else a fresh one.
pub fn request_id(api: &Api, headers: &HeaderMap) -> String {
    let harmless = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let given = headers.get(REQUEST_ID).and_then(|v| v.to_str().ok());
    match given.filter(harmless) {
        Some(id) => id.to_owned(),
        None => api.ids.make(),
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
