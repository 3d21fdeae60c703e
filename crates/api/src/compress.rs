//! What is read may travel compressed: pages, lists, exports.
//!
//! The length of a compressed answer tells something of all that stands in it to somebody
//! who chooses a part of it and has it asked for again and again (BREACH). So a value,
//! which only ever stands in the answer to a form or a call that acts, is never
//! compressed, and nothing is that another site had a browser ask for. See decision 0019.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::header::{ACCEPT_ENCODING, COOKIE, ETAG};
use http::{Extensions, HeaderMap, Method, StatusCode, Version};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

/// Smaller answers fit into one packet as they are.
const BYTES_MIN: u16 = 1024;

/// Puts compression around everything that a router answers.
pub fn compressed(router: Router) -> Router {
    let worth_it = SizeAbove::new(BYTES_MIN)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE)
        .and(is_whole);
    router
        .layer(CompressionLayer::new().compress_when(worth_it))
        .layer(from_fn(only_where_it_tells_nothing))
}

/// An `ETag` names these very bytes, and proxies would have to change it.
fn is_whole(status: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    status == StatusCode::OK && !headers.contains_key(ETAG)
}

async fn only_where_it_tells_nothing(mut request: Request, next: Next) -> Response {
    if !tells_nothing(request.method(), request.headers()) {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    next.run(request).await
}

/// Whether nobody but the reader chose what is asked for. A browser that holds a cookie
/// must say so; it does wherever a page came over TLS.
fn tells_nothing(method: &Method, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    let own = matches!(site, Some(b"same-origin" | b"none"));
    *method == Method::GET && (own || site.is_none() && !headers.contains_key(COOKIE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(method: Method, given: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            let name: http::HeaderName = name.parse().unwrap();
            (name, http::HeaderValue::from_static(value))
        };
        !tells_nothing(&method, &given.iter().map(pair).collect())
    }

    #[test]
    fn what_acts_is_never_compressed() {
        assert!(!tells(Method::GET, &[]));
        for method in [Method::POST, Method::HEAD, Method::PATCH] {
            assert!(tells(method, &[("sec-fetch-site", "same-origin")]));
        }
    }

    #[test]
    fn who_holds_a_cookie_must_ask_from_here() {
        let cookie = ("cookie", "forewarn=x");
        assert!(tells(Method::GET, &[cookie]));
        for own in ["same-origin", "none"] {
            assert!(!tells(Method::GET, &[cookie, ("sec-fetch-site", own)]));
        }
        for other in ["cross-site", "same-site", "", "Same-Origin"] {
            let site = ("sec-fetch-site", other);
            assert!(tells(Method::GET, &[cookie, site]), "{other}");
            assert!(tells(Method::GET, &[site]), "{other}");
        }
    }
}
