//! Around everything: a request id, headers that keep browsers honest, one log line.

use std::sync::atomic::{AtomicU64, Ordering};

use app::ports::Random;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use domain::kernel::{base62, digit62};
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
    around(&api, id, &method, route, response)
}

/// What every reply gets, once it is there.
pub fn around(
    api: &Api,
    id: HeaderValue,
    method: &Method,
    route: &str,
    mut response: Response,
) -> Response {
    let (status, text) = (response.status(), id.to_str().unwrap_or_default());
    tracing::debug!(id = text, %method, route, status = status.as_u16(), "answered");
    if status.is_server_error() {
        tracing::warn!(id = text, %method, route, status = status.as_u16(), "failed");
    }
    let own = std::mem::take(response.headers_mut());
    let mut headers = api.hardening.of(api).clone();
    // What a handler set itself stays.
    headers.extend(own);
    headers.insert(REQUEST_ID, id);
    *response.headers_mut() = headers;
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

    fn make(&self) -> HeaderValue {
        let mut rest = self.next.fetch_add(1, Ordering::Relaxed);
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = digit62(rest);
            rest /= 62;
        }
        let mut id = String::with_capacity(PROCESS_CHARS + DIGITS);
        id.push_str(&self.process);
        id.extend(digits.iter().map(|digit| char::from(*digit)));
        // Letters and digits always make a header.
        HeaderValue::from_maybe_shared(Bytes::from(id)).unwrap_or(HeaderValue::from_static("?"))
    }
}

/// The caller's id where it is harmless, else a fresh one.
pub fn request_id(api: &Api, headers: &HeaderMap) -> HeaderValue {
    let harmless = |id: &&HeaderValue| {
        (1..=64).contains(&id.len())
            && id
                .as_bytes()
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    };
    match headers.get(REQUEST_ID).filter(harmless) {
        Some(id) => id.clone(),
        None => api.ids.make(),
    }
}

/// Headers for replies that are no pages, put together once: they stand on each reply, and
/// writing one at a time took a tenth of verifying a token.
pub struct Hardening {
    plain: HeaderMap,
    /// Where pages are reached over TLS, browsers are told to stay there.
    tls: HeaderMap,
}

/// Room for what handlers add.
const HEADERS: usize = 24;

impl Default for Hardening {
    fn default() -> Self {
        let mut plain = HeaderMap::with_capacity(HEADERS);
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
            plain.insert(name, HeaderValue::from_static(value));
        }
        let mut tls = plain.clone();
        let year = HeaderValue::from_static("max-age=31536000");
        tls.insert(STRICT_TRANSPORT_SECURITY, year);
        Self { plain, tls }
    }
}

impl Hardening {
    fn of(&self, api: &Api) -> &HeaderMap {
        match api.ctx.settings.load().public_url.starts_with("https://") {
            true => &self.tls,
            false => &self.plain,
        }
    }
}
