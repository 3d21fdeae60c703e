//! `/address`: an address and a clock of one's own, and the page behind the link that asks
//! about the address.
//!
//! Reading the page confirms nothing, so that a mail scanner may follow the link. The
//! signature in the path is what protects the form: nobody can forge a request to a page
//! whose address they do not know.

use std::sync::Arc;

use app::AppError;
use app::people::{
    Claim, choose_time_zone, claim_address, claim_of, confirm_address, get_person, withdraw_claim,
};
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
const CLOCK: [&str; 1] = ["time_zone"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/address", Needs::Session, own),
        Route::post("/address", Needs::Session, claim).takes(&FIELDS),
        Route::post("/address/clock", Needs::Session, clock).takes(&CLOCK),
        Route::post("/address/withdraw", Needs::Session, withdraw),
        Route::get("/address/{person}/{code}", Needs::Nothing, show),
        Route::post("/address/{person}/{code}", Needs::Nothing, confirm),
    ]
}

/// What an action says on the page it leads back to.
const SAID: &[(&str, &str)] = &[
    ("clock", "Times are told on this clock from now on."),
    (
        "asked",
        "A mail is on its way to it. The address is used once you press the button behind the link in that mail.",
    ),
    (
        "withdrawn",
        "The new address is not used; the link in the mail works no more.",
    ),
];

#[derive(Template)]
#[template(path = "address.html")]
struct OwnPage {
    shell: Shell,
    form: Form,
    used: Option<String>,
    asked: Option<String>,
    /// The clock of the person, or what was typed.
    zone: Form,
    zones: Vec<String>,
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
    let forms = Forms::default();
    page(&web, &who, StatusCode::OK, forms, said).await
}

/// Forms that are shown again with what was typed.
#[derive(Default)]
struct Forms {
    address: Form,
    zone: Option<Form>,
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    forms: Forms,
    said: Option<&str>,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Account, "How you are told").await?;
    let id = who.visitor.person.id.to_string();
    let person = get_person(&web.ctx, who.principal(), &id).await?;
    let page = OwnPage {
        shell: shell.said(said, SAID),
        form: forms.address,
        zone: forms.zone.unwrap_or_else(|| {
            let stands = person.time_zone.as_deref().unwrap_or_default();
            Form::filled(&[("time_zone", stands)])
        }),
        zones: jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .collect(),
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
    let forms = Forms {
        address: Form::again(entries).refused(error, &FIELDS)?,
        zone: None,
    };
    page(web, who, StatusCode::UNPROCESSABLE_ENTITY, forms, None).await
}

async fn clock(
    State(web): State<Web>,
    who: SignedIn,
    entries: Entries,
) -> Result<Response, Problem> {
    let wanted = entries.some("time_zone");
    match choose_time_zone(&web.ctx, who.principal(), wanted.as_deref()).await {
        Ok(_) => Ok(Redirect::to("/address?said=clock").into_response()),
        Err(error) => {
            let forms = Forms {
                address: Form::default(),
                zone: Some(Form::again(entries).refused(error, &CLOCK)?),
            };
            page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, forms, None).await
        }
    }
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
            "It is wrong, older than three days, or you asked for another address since. Enter the address again on your page.",
        ),
        other => other.into(),
    }
}
