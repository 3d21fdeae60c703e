//! `/setup/{code}`: makes the first admin and shows one token, once.
//!
//! Reading the page uses nothing up, so that a link preview or a mail scanner cannot
//! take the code away. The code in the path is what protects the form: nobody can forge
//! a request to an address they do not know.

use std::sync::Arc;

use app::setup::{CompleteSetup, complete_setup, setup_code_is_valid};
use app::tokens::Issued;
use app::{AppError, Context};
use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::kernel::Secret;
use http::StatusCode;
use serde::Deserialize;

use crate::page::{Word, page};

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entries {
    name: String,
    #[serde(default)]
    email: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct FormPage<'a> {
    code: &'a str,
    entries: &'a Entries,
    name_error: Option<&'a str>,
    email_error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "token.html")]
struct TokenPage<'a> {
    name: &'a str,
    value: &'a str,
    ends: String,
    public_url: &'a str,
}

/// `GET /setup/{code}`
pub async fn show(State(ctx): State<Arc<Context>>, Path(code): Path<String>) -> Response {
    match setup_code_is_valid(&ctx, &Secret::new(code.clone())).await {
        Ok(true) => form(StatusCode::OK, &code, &Entries::default(), None),
        Ok(false) => spent(),
        Err(error) => failed(&error),
    }
}

/// `POST /setup/{code}`
pub async fn finish(
    State(ctx): State<Arc<Context>>,
    Path(code): Path<String>,
    entries: Result<Form<Entries>, FormRejection>,
) -> Response {
    let Ok(Form(entries)) = entries else {
        return unreadable();
    };
    let request = CompleteSetup {
        code: Secret::new(code.clone()),
        name: entries.name.clone(),
        email: Some(entries.email.clone()).filter(|email| !email.is_empty()),
    };
    // A task of its own: a browser that hangs up must not stop it half-way.
    let context = Arc::clone(&ctx);
    let done = tokio::spawn(async move { complete_setup(&context, request).await });
    match done.await {
        Ok(Ok((person, issued))) => token(&ctx, person.name.as_str(), &issued),
        Ok(Err(AppError::Invalid { field, problem })) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form(status, &code, &entries, Some((field, &problem)))
        }
        Ok(Err(AppError::Forbidden { .. } | AppError::NotFound { .. })) => spent(),
        Ok(Err(error)) => failed(&error),
        Err(_) => failed(&AppError::Corrupt("the set-up panicked".to_owned())),
    }
}

fn form(
    status: StatusCode,
    code: &str,
    entries: &Entries,
    error: Option<(&str, &str)>,
) -> Response {
    let of = |wanted: &str| {
        error
            .filter(|(field, _)| *field == wanted)
            .map(|(_, text)| text)
    };
    let email_error = of("email");
    let template = FormPage {
        code,
        entries,
        // What belongs to no field stands at the first.
        name_error: error
            .map(|(_, text)| text)
            .filter(|_| email_error.is_none()),
        email_error,
    };
    page(status, &template)
}

fn token(ctx: &Context, name: &str, issued: &Issued) -> Response {
    let Some(value) = &issued.value else {
        return spent();
    };
    let ends = issued.item.credential.expires_at();
    let template = TokenPage {
        name,
        value: value.expose(),
        ends: ends.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        public_url: &ctx.settings.load().public_url,
    };
    page(StatusCode::OK, &template)
}

fn spent() -> Response {
    let word = Word {
        title: "This link does not work",
        remedy: "It is wrong, was used already, or is older than an hour. While nobody is \
                 admin, every start of the server prints a fresh one.",
    };
    page(StatusCode::NOT_FOUND, &word)
}

fn unreadable() -> Response {
    let word = Word {
        title: "This form could not be read",
        remedy: "Go back, reload the page and send it again.",
    };
    page(StatusCode::BAD_REQUEST, &word)
}

fn failed(error: &AppError) -> Response {
    tracing::warn!(%error, "the set-up page could not be served");
    let word = Word {
        title: "This cannot be done right now",
        remedy: "Nothing was changed. Try again shortly; the server's log says more.",
    };
    page(StatusCode::SERVICE_UNAVAILABLE, &word)
}
