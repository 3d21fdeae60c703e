//! How SCIM answers, and how it says that something cannot be done (RFC 7644 §3.12).

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::MEDIA_TYPE;
use crate::problem::{Kind, Told};

/// A document on its way out.
pub(super) struct Document(pub(super) Value);

/// A document that was made just now, with its address.
pub(super) struct Made(pub(super) Value);

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let mut response = Json(self.0).into_response();
        let media_type = HeaderValue::from_static(MEDIA_TYPE);
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        response
    }
}

impl IntoResponse for Made {
    fn into_response(self) -> Response {
        let location = self.0.pointer("/meta/location").and_then(Value::as_str);
        let location = location.and_then(|text| HeaderValue::from_str(text).ok());
        let mut response = Document(self.0).into_response();
        *response.status_mut() = StatusCode::CREATED;
        if let Some(location) = location {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

/// Turns every problem below `/scim/` into the error document that SCIM clients read.
pub async fn speak(request: Request, next: Next) -> Response {
    let is_scim = request.uri().path().starts_with("/scim/");
    let makes = request.method() == http::Method::POST;
    let mut response = next.run(request).await;
    let told = response.extensions_mut().remove::<Told>();
    let Some(told) = told.filter(|_| is_scim) else {
        return response;
    };
    let status = match told.kind {
        // SCIM knows no 422: a value that cannot be accepted is a bad request.
        Kind::Invalid => StatusCode::BAD_REQUEST,
        kind => kind.status(),
    };
    let (head, _) = response.into_parts();
    let mut answer = Document(error(status, &told, makes)).into_response();
    *answer.status_mut() = status;
    for (name, value) in &head.headers {
        if !answer.headers().contains_key(name) && name != http::header::CONTENT_LENGTH {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

fn error(status: StatusCode, told: &Told, makes: bool) -> Value {
    let scim_type = told.scim.or(match told.kind {
        Kind::BadRequest => Some("invalidSyntax"),
        Kind::Invalid => Some("invalidValue"),
        Kind::Conflict if makes => Some("uniqueness"),
        _ => None,
    });
    let mut error = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.as_str(),
        "detail": told.detail,
    });
    if let (Some(scim_type), Some(fields)) = (scim_type, error.as_object_mut()) {
        fields.insert("scimType".to_owned(), scim_type.into());
    }
    error
}
