//! `/`: what is this server, and where does one go from here?

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::page::page;

#[derive(Template)]
#[template(path = "front.html")]
struct Front;

/// `GET /`
pub async fn show() -> Response {
    page(StatusCode::OK, &Front)
}
