//! Does a form come from one of our own pages?
//!
//! Browsers say so themselves (`Sec-Fetch-Site`, else `Origin`). Who says neither is no
//! browser of today; then the token in the form alone decides.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

/// Whether the headers of a form speak against it.
pub(crate) fn is_foreign(headers: &HeaderMap, public_url: &str) -> bool {
    let said = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = said("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = said(ORIGIN.as_str()) else {
        return false;
    };
    let host = said(HOST.as_str()).unwrap_or_default();
    let here = origin
        .split_once("://")
        .is_some_and(|(scheme, rest)| matches!(scheme, "http" | "https") && rest == host);
    !here && origin != origin_of(public_url)
}

/// Whether the browser hides where the form comes from and says nothing else of it: so does
/// one that reached us in the clear, from a page that tells no referrer.
pub(crate) fn is_untold(headers: &HeaderMap) -> bool {
    let origin = headers.get(ORIGIN).map(|v| v.as_bytes());
    origin == Some(b"null") && !headers.contains_key("sec-fetch-site")
}

/// Scheme, host and port of a URL.
fn origin_of(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(after..).unwrap_or_default();
    let end = rest.find('/').map_or(url.len(), |at| after + at);
    url.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn foreign(pairs: &[(&'static str, &'static str)]) -> bool {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        is_foreign(&pairs.collect(), "https://warn.example/base")
    }

    /// B49: a form that another site makes a browser send is refused.
    #[test]
    fn the_browsers_own_word_decides() {
        assert!(!foreign(&[("sec-fetch-site", "same-origin")]));
        assert!(!foreign(&[("sec-fetch-site", "none")]));
        for site in ["cross-site", "same-site", "?"] {
            assert!(foreign(&[("sec-fetch-site", site)]), "{site}");
        }
        let both = [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://warn.example"),
        ];
        assert!(foreign(&both));
    }

    #[test]
    fn a_hidden_origin_is_told_from_a_foreign_one() {
        let untold = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            });
            is_untold(&pairs.collect())
        };
        assert!(untold(&[("origin", "null")]));
        assert!(!untold(&[
            ("origin", "null"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(!untold(&[("origin", "https://evil.example")]));
        assert!(!untold(&[]));
    }

    #[test]
    fn without_it_the_origin_decides() {
        assert!(!foreign(&[("origin", "https://warn.example")]));
        assert!(!foreign(&[("origin", "http://a:80"), ("host", "a:80")]));
        for origin in ["null", "https://evil.example", "https://warn.example:8443"] {
            assert!(foreign(&[("origin", origin)]), "{origin}");
        }
        assert!(!foreign(&[]));
    }
}
