//! `/sessions`: where one is signed in, and one's own password.

use app::ports::{Session, Way};
use app::sessions::{
    ChoosePassword, PASSWORD_CHARS_MIN, choose_password, end_other_sessions, end_own_session,
    has_password, list_sessions,
};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::kernel::{Secret, Span};
use http::{Extensions, StatusCode};
use serde::Deserialize;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, Reader, When, browser, length};
use crate::state::Web;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sessions", Needs::Session, show),
        Route::post("/sessions/{id}/end", Needs::Session, end),
        Route::post("/sessions/end-others", Needs::Session, end_others),
        Route::post("/sessions/password", Needs::Session, password)
            .takes(&["username", "current", "password"]),
    ]
}

/// What an action says on the page it leads back to.
const SAID: &[(&str, &str)] = &[
    ("ended", "The session has ended."),
    ("others", "All your other sessions have ended."),
    (
        "password",
        "The new password stands. All your other sessions have ended.",
    ),
];

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    shell: Shell,
    rows: Vec<Row>,
    form: Form,
    password: Option<PasswordPart>,
    idle: String,
    lifetime: String,
}

struct Row {
    id: String,
    browser: String,
    way: &'static str,
    opened: When,
    seen: When,
    ends: When,
    current: bool,
}

struct PasswordPart {
    stands: bool,
    address: String,
    least: usize,
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    said: Option<String>,
}

async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    page(
        &web,
        &who,
        StatusCode::OK,
        Form::default(),
        done.said.as_deref(),
    )
    .await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    form: Form,
    said: Option<&str>,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Account, "Your sessions").await?;
    let sessions = list_sessions(&web.ctx, who.principal()).await?;
    let rules = web.ctx.settings.load().sign_in.clone();
    let rows = sessions
        .iter()
        .map(|session| row(session, rules.lifetime, who, &shell.reader));
    let rows = rows.collect();
    let page = SessionsPage {
        shell: shell.said(said, SAID),
        rows,
        form,
        password: password_part(web, who).await?,
        idle: length(rules.idle),
        lifetime: length(rules.lifetime),
    };
    Ok(render(status, &page))
}

fn row(session: &Session, lifetime: Span, who: &SignedIn, reader: &Reader) -> Row {
    // A shorter limit counts for sessions that stand already.
    let ends_at = session.ends_at.min(session.opened_at + lifetime);
    Row {
        id: session.id.to_string(),
        browser: browser(&session.agent),
        way: match session.way {
            Way::Setup => "by the set-up link",
            Way::Password => "with a password",
            Way::Token(_) => "with a token",
            Way::Provider => "through your organisation",
        },
        opened: reader.when(session.opened_at),
        seen: reader.when(session.seen_at),
        ends: reader.when(ends_at),
        current: session.id == who.visitor.session.id,
    }
}

/// Only who has a password, or may have one, is asked about it.
async fn password_part(web: &Web, who: &SignedIn) -> Result<Option<PasswordPart>, Problem> {
    let email = who.visitor.person.email.as_ref();
    let Some(email) = email.filter(|_| web.ctx.settings.load().sign_in.passwords) else {
        return Ok(None);
    };
    let stands = has_password(&web.ctx, who.principal()).await?;
    let may = stands || who.principal().holds("*");
    Ok(may.then(|| PasswordPart {
        stands,
        address: email.to_string(),
        least: PASSWORD_CHARS_MIN,
    }))
}

async fn end(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    end_own_session(&web.ctx, &who.visitor, &id).await?;
    Ok(Redirect::to("/sessions?said=ended"))
}

async fn end_others(State(web): State<Web>, who: SignedIn) -> Result<Redirect, Problem> {
    end_other_sessions(&web.ctx, &who.visitor).await?;
    Ok(Redirect::to("/sessions?said=others"))
}

async fn password(
    State(web): State<Web>,
    who: SignedIn,
    client: Extensions,
    entries: Entries,
) -> Result<Response, Problem> {
    // The session of somebody else's browser must not be a way to guess the password.
    if !web
        .attempts
        .may_try(&client, who.visitor.person.id.as_str())
    {
        let said = "too many tries; wait a minute, then try again";
        let form = Form::default().with("current", said);
        return page(&web, &who, StatusCode::TOO_MANY_REQUESTS, form, None).await;
    }
    let request = ChoosePassword {
        current: entries
            .some("current")
            .map(|_| Secret::new(entries.get("current").to_owned())),
        wanted: Secret::new(entries.get("password").to_owned()),
    };
    match choose_password(&web.ctx, &who.visitor, request).await {
        Ok(()) => Ok(Redirect::to("/sessions?said=password").into_response()),
        Err(error) => {
            // What was typed is a secret and is not shown again.
            let form = Form::default().refused(error, &["password", "current"])?;
            page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form, None).await
        }
    }
}
