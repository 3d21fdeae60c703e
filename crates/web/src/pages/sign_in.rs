//! `/sign-in`, `/sign-out`: how somebody comes in and goes.

use app::sessions::{Opened, end_session, sign_in_with_password, sign_in_with_token};
use app::{AppError, AuthError};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::kernel::Secret;
use http::header::{SET_COOKIE, USER_AGENT};
use http::{Extensions, HeaderMap, StatusCode};
use serde::Deserialize;

use crate::cookies::{self, Kind};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::show::{Form, own_path};
use crate::state::Web;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", Needs::Nothing, show),
        Route::post("/sign-in", Needs::Nothing, by_password).takes(&["email", "password", "next"]),
        Route::post("/sign-in/token", Needs::Nothing, by_token).takes(&["token", "next"]),
        Route::post("/sign-out", Needs::Nothing, out),
    ]
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    form: Form,
    next: &'a str,
    passwords: bool,
    provider: Option<String>,
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    next: String,
}

async fn show(State(web): State<Web>, Query(wanted): Query<Wanted>) -> Response {
    form(&web, StatusCode::OK, Form::default(), &wanted.next)
}

fn form(web: &Web, status: StatusCode, form: Form, next: &str) -> Response {
    let provider = web.ctx.provider.load_full();
    let page = SignInPage {
        form,
        next: own_path(next),
        passwords: web.ctx.settings.load().sign_in.passwords,
        provider: provider.as_ref().as_ref().map(|p| p.label().to_owned()),
    };
    render(status, &page)
}

async fn by_password(
    State(web): State<Web>,
    before: Option<SignedIn>,
    client: Extensions,
    headers: HeaderMap,
    entries: Entries,
) -> Result<Response, Problem> {
    let (email, next) = (
        entries.get("email").to_owned(),
        entries.get("next").to_owned(),
    );
    if !web.attempts.may_try(&client, &email) {
        return Ok(too_many(&web, entries, "password", &next));
    }
    let password = Secret::new(entries.get("password").to_owned());
    let opened = sign_in_with_password(&web.ctx, &email, password, agent(&headers)).await;
    match opened {
        Ok(opened) => welcome(&web, before, &opened, &next).await,
        Err(AppError::Forbidden { sentence, .. }) => {
            tracing::info!("somebody failed to sign in with a password");
            let again = Form::again(entries).with("password", &sentence);
            Ok(form(&web, StatusCode::UNPROCESSABLE_ENTITY, again, &next))
        }
        Err(error) => Err(error.into()),
    }
}

async fn by_token(
    State(web): State<Web>,
    before: Option<SignedIn>,
    client: Extensions,
    headers: HeaderMap,
    entries: Entries,
) -> Result<Response, Problem> {
    let next = entries.get("next").to_owned();
    if !web.attempts.may_come(&client) {
        return Ok(too_many(&web, Entries::default(), "token", &next));
    }
    let value = Secret::new(entries.get("token").to_owned());
    let opened = sign_in_with_token(&web.ctx, &value, agent(&headers)).await;
    let said = match opened {
        Ok(opened) => return welcome(&web, before, &opened, &next).await,
        Err(AppError::Forbidden { sentence, .. }) => sentence,
        Err(AppError::Unauthenticated(AuthError::Missing)) => "paste your token here".to_owned(),
        Err(AppError::Unauthenticated(error)) if error != AuthError::Stale => error.to_string(),
        Err(error) => return Err(error.into()),
    };
    // What was typed is a secret and is not shown again.
    let again = Form::default().with("token", &said);
    Ok(form(&web, StatusCode::UNPROCESSABLE_ENTITY, again, &next))
}

fn too_many(web: &Web, entries: Entries, field: &'static str, next: &str) -> Response {
    let said = "too many tries; wait a minute, then try again";
    let again = Form::again(entries).with(field, said);
    form(web, StatusCode::TOO_MANY_REQUESTS, again, next)
}

/// Signed in: the session that was there before ends, and a new one begins.
pub(super) async fn welcome(
    web: &Web,
    before: Option<SignedIn>,
    opened: &Opened,
    next: &str,
) -> Result<Response, Problem> {
    if let Some(before) = before {
        let id = before.visitor.session.id.to_string();
        end_session(&web.ctx, before.principal(), &id).await?;
    }
    let response = Redirect::to(own_path(next)).into_response();
    with_cookie(response, web, opened)
}

/// A reply that gives the browser its session.
pub(crate) fn with_cookie(
    mut response: Response,
    web: &Web,
    opened: &Opened,
) -> Result<Response, Problem> {
    let cookie =
        cookies::give(Kind::Session, &opened.cookie, web.is_https()).ok_or_else(Problem::broken)?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// Who is signed out already stays so.
async fn out(State(web): State<Web>, who: Option<SignedIn>) -> Result<Response, Problem> {
    if let Some(who) = who {
        let id = who.visitor.session.id.to_string();
        end_session(&web.ctx, who.principal(), &id).await?;
    }
    let mut response = Redirect::to("/sign-in").into_response();
    if let Some(cookie) = cookies::take_away(Kind::Session, web.is_https()) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What a browser says it is.
pub(crate) fn agent(headers: &HeaderMap) -> &str {
    let agent = headers.get(USER_AGENT);
    agent.and_then(|v| v.to_str().ok()).unwrap_or_default()
}
