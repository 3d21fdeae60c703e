//! `/tokens/{id}/rotate`: a new value, while the old one goes on for a while.

use app::AppError;
use app::tokens::{EndOld, RotateToken, TokenItem, Which, get_token, rotate_token};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::inventory::End;
use domain::kernel::Span;
use domain::token::DEFAULT_LIFETIME;
use http::StatusCode;

use super::value;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, When, length, plain};
use crate::state::Web;

const FIELDS: [&str; 3] = ["overlap", "lifetime", "first_use"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/tokens/{id}/rotate", Needs::Session, ask),
        Route::post("/tokens/{id}/rotate", Needs::Session, rotate).takes(&FIELDS),
    ]
}

#[derive(Template)]
#[template(path = "tokens/rotate.html")]
struct Rotate {
    shell: Shell,
    form: Form,
    id: String,
    name: String,
    ends: Option<When>,
    /// As long as the old one lived.
    lifetime: String,
    until: When,
    overlap: String,
    first_use: bool,
    used: Option<When>,
    /// Whether it is the token with which this session was opened.
    is_own: bool,
}

async fn ask(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let item = get_token(&web.ctx, who.principal(), &Which::Id(id.clone())).await?;
    // What was rotated already shows how that goes.
    if item.token.rotated_to.is_some() {
        let path = format!("/tokens/{}#rotation-head", item.token.id);
        return Ok(Redirect::to(&path).into_response());
    }
    page(&web, &who, StatusCode::OK, id, Form::default()).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    id: String,
    form: Form,
) -> Result<Response, Problem> {
    let item = get_token(&web.ctx, who.principal(), &Which::Id(id)).await?;
    let shell = Shell::load(web, who, Place::Integrations, "Rotate a token").await?;
    let (credential, reader) = (&item.credential, &shell.reader);
    let lived = lifetime(&item);
    let page = Rotate {
        id: item.token.id.to_string(),
        name: plain(credential.name.as_str(), NAME_CHARS),
        ends: credential.expires_at().map(|end| reader.when(end)),
        lifetime: length(lived),
        until: reader.when(reader.now + lived),
        overlap: match form.get("overlap") {
            "" => "24h".to_owned(),
            typed => typed.to_owned(),
        },
        first_use: form.get("first_use") == "yes",
        used: credential.last_used_at.map(|at| reader.when(at)),
        is_own: who.principal().token.as_ref() == Some(&item.token.id),
        form,
        shell,
    };
    Ok(render(status, &page))
}

/// How long it was meant to live in all; a successor lives no longer.
fn lifetime(item: &TokenItem) -> Span {
    let credential = &item.credential;
    let from = credential.created_at.unwrap_or(credential.first_seen_at);
    match credential.meant_end() {
        End::Known(end) => from.until(end),
        End::Never | End::Unknown => DEFAULT_LIFETIME,
    }
}

async fn rotate(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let span = |name: &str| entries.some(name).map(|text| Span::parse(&text).ok());
    let (overlap, lifetime) = (span("overlap"), span("lifetime"));
    let end_old = match entries.is_set("first_use") {
        true => EndOld::FirstUse,
        false => EndOld::Overlap,
    };
    let mut form = Form::again(entries);
    for (field, wrong) in [
        ("overlap", overlap == Some(None)),
        ("lifetime", lifetime == Some(None)),
    ] {
        if wrong {
            form = form.with(field, "a span such as 24h or 90d is wanted");
        }
    }
    if overlap == Some(None) || lifetime == Some(None) {
        return page(&web, &who, refused, id, form).await;
    }
    let request = RotateToken {
        overlap: overlap.flatten(),
        lifetime: lifetime.flatten(),
        end_old,
        idempotency: None,
    };
    // Of two clicks the second finds it rotated already, and makes nothing.
    let which = Which::Id(id.clone());
    match rotate_token(&web.ctx, who.principal(), &which, request).await {
        Ok(issued) => value::page(&web, &who, &issued, "The new value").await,
        Err(AppError::Forbidden { sentence, .. }) => {
            let form = form.with("overlap", &sentence);
            page(&web, &who, StatusCode::FORBIDDEN, id, form).await
        }
        Err(error) => page(&web, &who, refused, id, form.refused(error, &FIELDS)?).await,
    }
}
