//! What a caller is told when something cannot be done (RFC 9457).
//!
//! `type` and `title` are fixed for each kind; `detail` is one sentence that names the
//! thing and the remedy. Never holds a secret, a path of the machine or a query text.

mod kind;
mod refusal;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;

pub use kind::{ALL as KINDS, Kind};

/// A problem on its way to the caller.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    oauth: Option<&'static str>,
    scim: Option<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What a problem says, kept beside the response for doors with a form of their own.
#[derive(Clone, Debug)]
pub struct Told {
    /// Which kind.
    pub kind: Kind,
    /// What is wrong and what to do.
    pub detail: String,
    /// The error code of SCIM, if the problem names one.
    pub scim: Option<&'static str>,
}

/// What is wrong with one value of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the value in the body, as a URI fragment: `#/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The name of the query or path parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong with it.
    pub detail: String,
}

/// A problem as it is written (`application/problem+json`).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Which kind of problem; fixed, relative to this server.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; fixed.
    pub title: &'static str,
    /// The HTTP status again.
    pub status: u16,
    /// What is wrong here and what to do about it.
    pub detail: String,
    /// The values that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The error code of RFC 6750 or RFC 6749, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
}

impl Problem {
    /// A problem of this kind, explained in one sentence.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            oauth: None,
            scim: None,
            headers: Vec::new(),
        }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(Kind::BadRequest, detail)
    }

    /// 422 for a field of the body; `pointer` without the leading `#`.
    pub fn field(pointer: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Self::new(Kind::Invalid, detail.clone());
        problem.errors.push(FieldError {
            pointer: Some(format!("#{pointer}")),
            parameter: None,
            detail,
        });
        problem
    }

    /// 422 for a query or path parameter.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Self::new(Kind::Invalid, format!("parameter `{name}`: {detail}"));
        problem.errors.push(FieldError {
            pointer: None,
            parameter: Some(name.to_owned()),
            detail,
        });
        problem
    }

    /// With the error code of RFC 6749 or RFC 6750 in the body.
    #[must_use]
    pub fn oauth(mut self, code: &'static str) -> Self {
        self.oauth = Some(code);
        self
    }

    /// With the error code of SCIM (RFC 7644 §3.12), for clients that speak it.
    #[must_use]
    pub fn scim(mut self, code: &'static str) -> Self {
        self.scim = Some(code);
        self
    }

    /// With a challenge (RFC 9110 §11.6.1).
    #[must_use]
    pub fn challenge(self, value: &str) -> Self {
        self.header(WWW_AUTHENTICATE, value)
    }

    /// With the wish not to be asked again before so many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(RETRY_AFTER, &seconds.to_string())
    }

    /// With a header; one that cannot be written is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    #[cfg(test)]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    fn body(self) -> (Vec<(HeaderName, HeaderValue)>, ProblemBody) {
        let body = ProblemBody {
            kind: format!("/docs#problem-{}", self.kind.slug()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail,
            errors: self.errors,
            error: self.oauth,
        };
        (self.headers, body)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let told = Told {
            kind: self.kind,
            detail: self.detail.clone(),
            scim: self.scim,
        };
        let (headers, body) = self.body();
        let mut response = (status, Json(body)).into_response();
        let media_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        response.headers_mut().extend(headers);
        response.extensions_mut().insert(told);
        response
    }
}
