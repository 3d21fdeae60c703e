//! `/address`: an address of one's own, and the page behind the link that asks about it.
//!
//! Reading the page confirms nothing, so that a mail scanner may follow the link. The
//! signature in the path is what protects the form: nobody can forge a request to a page
//! whose address they do not know.

use std::sync::Arc;

use app::AppError;
use app::people::{Claim, claim_address, claim_of, confirm_address, get_person, withdraw_claim};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, plain};
use crate::state::Web;

const FIELDS: [&str; 1] = ["email"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/address", Needs::Session, own),
        Route::post("/address", Needs::Session, claim).takes(&FIELDS),
        Route::post("/address/withdraw", Needs::Session, withdraw),
        Route::get("/address/{person}/{code}", Needs::Nothing, show),
        Route::post("/address/{person}/{code}", Needs::Nothing, confirm),
    ]
}

/// What an action says on the page it leads back to.
const SAID: &[(&str, &str)] = &[
    (
        "asked",
        "The question is on its way. The address is used once you press the button behind the link in it.",
    ),
    (
        "withdrawn",
        "The question is taken back; its link works no more.",
    ),
];

#[derive(Template)]
#[template(path = "address.html")]
struct OwnPage {
    shell: Shell,
    form: Form,
    used: Option<String>,
    asked: Option<String>,
}

#[derive(Template)]
#[template(path = "address_confirm.html")]
struct ConfirmPage<'a> {
    action: &'a str,
    name: String,
    email: String,
    done: bool,
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    said: Option<String>,
}

async fn own(
    State(web): State<Web>,
    who: SignedIn,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    let said = done.said.as_deref();
    page(&web, &who, StatusCode::OK, Form::default(), said).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    form: Form,
    said: Option<&str>,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Account, "Your address").await?;
    let id = who.visitor.person.id.to_string();
    let person = get_person(&web.ctx, who.principal(), &id).await?;
    let page = OwnPage {
        shell: shell.said(said, SAID),
        form,
        used: person.email.map(String::from),
        asked: person.claimed.map(|claimed| claimed.email.into()),
    };
    Ok(render(status, &page))
}

async fn claim(
    State(web): State<Web>,
    who: SignedIn,
    entries: Entries,
) -> Result<Response, Problem> {
    match claim_address(&web.ctx, who.principal(), entries.get("email")).await {
        Ok(_) => Ok(Redirect::to("/address?said=asked").into_response()),
        Err(AppError::Conflict { sentence }) => {
            let error = AppError::invalid("email", sentence);
            again(&web, &who, entries, error).await
        }
        Err(error) => again(&web, &who, entries, error).await,
    }
}

async fn again(
    web: &Web,
    who: &SignedIn,
    entries: Entries,
    error: AppError,
) -> Result<Response, Problem> {
    let form = Form::again(entries).refused(error, &FIELDS)?;
    page(web, who, StatusCode::UNPROCESSABLE_ENTITY, form, None).await
}

async fn withdraw(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    withdraw_claim(&web.ctx, who.principal()).await?;
    Ok(Redirect::to("/address?said=withdrawn").into_response())
}

async fn show(
    State(web): State<Web>,
    Path((person, code)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let claim = claim_of(&web.ctx, &person, &code).await.map_err(spent)?;
    Ok(asked(&claim, &person, &code))
}

async fn confirm(
    State(web): State<Web>,
    Path((person, code)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (ctx, to) = (Arc::clone(&web.ctx), (person.clone(), code.clone()));
    // A task of its own: a browser that hangs up must not stop it half-way.
    let done = tokio::spawn(async move { confirm_address(&ctx, &to.0, &to.1).await });
    let claim = done.await.map_err(|_| Problem::broken())?.map_err(spent)?;
    Ok(asked(&claim, &person, &code))
}

fn asked(claim: &Claim, person: &str, code: &str) -> Response {
    let action = format!("/address/{person}/{code}");
    let page = ConfirmPage {
        action: &action,
        name: plain(claim.person.name.as_str(), NAME_CHARS),
        email: claim.email.to_string(),
        done: claim.is_confirmed,
    };
    render(StatusCode::OK, &page)
}

fn spent(error: AppError) -> Problem {
    match error {
        AppError::NotFound { .. } => Problem::new(
            StatusCode::NOT_FOUND,
            "This link does not work",
            "It is wrong, older than three days, or another question was asked since. Ask again on your page.",
        ),
        other => other.into(),
    }
}
