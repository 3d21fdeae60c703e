//! From a template to a reply.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;

/// A page that says one thing: what happened, and what to do now.
#[derive(Template)]
#[template(path = "word.html")]
pub struct Word<'a> {
    /// What happened.
    pub title: &'a str,
    /// What to do now.
    pub remedy: &'a str,
}

/// A page with a status.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong here.\n",
            )
                .into_response()
        }
    }
}

/// `GET /style.css`
pub async fn style() -> Response {
    let style = include_str!("../assets/style.css");
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], style).into_response()
}
