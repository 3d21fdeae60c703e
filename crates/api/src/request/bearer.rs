//! Which token did the caller present (RFC 6750 §2.1)?
//!
//! Only the `Authorization` header counts; a token in the query or the body is never
//! read. Nothing is trimmed into validity.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::problem::Problem;

/// The challenge without an error code, for requests that present nothing.
pub const REALM: &str = "Bearer realm=\"forewarn\"";

/// The token in the one `Authorization` header; `None` where there is no such header
/// or it uses another scheme.
///
/// # Errors
/// Two headers, or a bearer header that is not `Bearer` and one word (400,
/// `invalid_request`).
pub fn presented(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(malformed("send the Authorization header once"));
    }
    let not_text = |_| malformed("the Authorization header may hold visible ASCII only");
    match split_scheme(value.to_str().map_err(not_text)?) {
        Some(token) => one_word(token).map(Some),
        None => Ok(None),
    }
}

/// What follows the scheme `Bearer`, in any case; `None` for other schemes.
fn split_scheme(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_at_checked(6)?;
    let ends = rest.is_empty() || rest.starts_with([' ', '\t']);
    (scheme.eq_ignore_ascii_case("bearer") && ends).then_some(rest)
}

/// RFC 9110 §11.4 allows several spaces in front of the token, and nothing else.
fn one_word(rest: &str) -> Result<&str, Problem> {
    let token = rest.trim_start_matches(' ');
    if token.is_empty() || token.contains([' ', '\t', ',']) {
        return Err(malformed(
            "write `Authorization: Bearer TOKEN` with one token",
        ));
    }
    Ok(token)
}

fn malformed(remedy: &str) -> Problem {
    let challenge = format!("{REALM}, error=\"invalid_request\"");
    Problem::bad_request(remedy)
        .oauth("invalid_request")
        .challenge(&challenge)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn header(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))])
    }

    /// B1, B2: no header and other schemes present nothing; the scheme has no case.
    #[test]
    fn only_the_bearer_scheme_presents_a_token() {
        assert_eq!(presented(&HeaderMap::new()).unwrap(), None);
        for other in ["Basic YTpi", "bearerx abc", "Token abc", ""] {
            assert_eq!(presented(&header(other)).unwrap(), None, "{other}");
        }
        for scheme in ["Bearer abc", "bearer abc", "BEARER   abc"] {
            assert_eq!(presented(&header(scheme)).unwrap(), Some("abc"));
        }
    }

    /// B2, B3, B9: junk after the scheme, two headers and bytes that are no text.
    #[test]
    fn junk_is_a_bad_request() {
        for junk in [
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer\tabc",
            "Bearer a,b",
        ] {
            assert!(presented(&header(junk)).is_err(), "{junk:?}");
        }
        let mut two = header("Bearer a");
        two.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert!(presented(&two).is_err());
        let bytes = HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
        assert!(presented(&HeaderMap::from_iter([(AUTHORIZATION, bytes)])).is_err());
    }
}
