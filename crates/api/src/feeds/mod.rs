//! `/feeds/{secret}.ics` and `.atom`: what ends, for calendars and feed readers.
//!
//! The address is the key: no token is asked for, and a wrong one is not found. It leaks
//! into whatever keeps calendars for people, so it stands in no log.

mod atom;
mod calendar;
mod words;

use app::subscriptions::{Following, follow};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::problem::{Kind, Problem};
use crate::request::Named;
use crate::route::{Needs, Route};
use crate::state::Api;

/// Nobody needs it fresher, and nobody between us and the reader may keep it.
const KEEP: HeaderValue = HeaderValue::from_static("private, max-age=900");

/// The one call.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/feeds/{name}", Needs::Nothing, read)
            .says("A calendar (`SECRET.ics`) or an Atom feed (`SECRET.atom`) of what ends; the address comes from `POST /v1/feeds`.")
            .answers_as(StatusCode::OK, "text/calendar"),
    ]
}

/// How it is written down.
#[derive(Clone, Copy)]
enum Form {
    Calendar,
    Atom,
}

impl Form {
    const fn media_type(self) -> HeaderValue {
        match self {
            Self::Calendar => HeaderValue::from_static("text/calendar; charset=utf-8"),
            Self::Atom => HeaderValue::from_static("application/atom+xml; charset=utf-8"),
        }
    }

    fn write(self, following: &Following) -> Option<String> {
        match self {
            Self::Calendar => calendar::write(following),
            Self::Atom => atom::write(following),
        }
    }
}

async fn read(
    State(api): State<Api>,
    Named(name): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || Problem::new(Kind::NotFound, "there is no feed of this address");
    let parts = name.rsplit_once('.').ok_or_else(unknown)?;
    let (secret, form) = match parts {
        (secret, "ics") => (secret, Form::Calendar),
        (secret, "atom") => (secret, Form::Atom),
        _ => return Err(unknown()),
    };
    let following = follow(&api.ctx, secret).await?;
    let broken = || Problem::new(Kind::Internal, "the feed could not be written down");
    let text = form.write(&following).ok_or_else(broken)?;
    Ok(answer(&headers, form, text))
}

fn answer(asked: &HeaderMap, form: Form, text: String) -> Response {
    let hash = Sha256::digest(text.as_bytes());
    let tag: String = hash.iter().take(16).map(|b| format!("{b:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let seen = asked.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let mut response = if seen.is_some_and(|seen| matches(seen, &tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        text.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, form.media_type());
    headers.insert(CACHE_CONTROL, KEEP);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

/// Weakly, as RFC 9110 §13.1.2 has it.
fn matches(seen: &str, tag: &str) -> bool {
    seen.trim() == "*"
        || seen
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_tag_is_found_among_several_and_behind_a_w() {
        for seen in ["\"a\"", "W/\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(matches(seen, "\"a\""), "{seen}");
        }
        for other in ["", "a", "\"ab\"", "\"b\""] {
            assert!(!matches(other, "\"a\""), "{other}");
        }
    }
}
