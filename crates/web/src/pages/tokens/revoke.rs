//! `/tokens/{id}/revoke`: what stops at once, before it is done.

use app::AppError;
use app::tokens::{TokenItem, Which, get_token, revoke_token};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::inventory::State as Standing;
use domain::kernel::{Instant, Span};
use http::StatusCode;

use super::show::may_rotate;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, When, plain};
use crate::state::Web;

/// Used within so long, it is taken to be in use.
const IN_USE: Span = Span::days(7);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/tokens/{id}/revoke", Needs::Session, ask),
        Route::post("/tokens/{id}/revoke", Needs::Session, revoke),
    ]
}

#[derive(Template)]
#[template(path = "tokens/revoke.html")]
struct Revoke {
    shell: Shell,
    form: Form,
    id: String,
    name: String,
    used: Option<When>,
    in_use: bool,
    may_rotate: bool,
    /// Until when the value works that it replaces, if that one still does.
    before: Option<When>,
    places: Vec<String>,
    /// Whether it is the token with which this session was opened.
    is_own: bool,
}

async fn ask(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
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
    let shell = Shell::load(web, who, Place::Integrations, "Revoke a token").await?;
    let credential = &item.credential;
    let places = credential.used_by.iter();
    let used = credential.last_used_at;
    let before = before(web, who, &item).await?;
    let page = Revoke {
        id: item.token.id.to_string(),
        name: plain(credential.name.as_str(), NAME_CHARS),
        used: used.map(|at| shell.reader.when(at)),
        in_use: used.is_some_and(|at| shell.reader.now <= at + IN_USE),
        may_rotate: item.token.rotated_to.is_none() && may_rotate(who.principal(), &item),
        before: before.map(|end| shell.reader.when(end)),
        places: places.map(|place| plain(&place.what, NAME_CHARS)).collect(),
        is_own: who.principal().token.as_ref() == Some(&item.token.id),
        form,
        shell,
    };
    Ok(render(status, &page))
}

/// When the value ends that a token replaces; `None` where it replaces none, or the old one
/// works no longer.
async fn before(web: &Web, who: &SignedIn, item: &TokenItem) -> Result<Option<Instant>, Problem> {
    let Some(old) = item.token.rotated_from.as_ref() else {
        return Ok(None);
    };
    match get_token(&web.ctx, who.principal(), &Which::id(old)).await {
        Ok(old) => {
            let works = old.credential.state(web.ctx.now()) == Standing::Active;
            Ok(old.credential.expires_at().filter(|_| works))
        }
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn revoke(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    match revoke_token(&web.ctx, who.principal(), &Which::Id(id.clone())).await {
        // Its own session ended with it.
        Ok(item) if who.principal().token.as_ref() == Some(&item.token.id) => {
            Ok(Redirect::to("/sign-in").into_response())
        }
        Ok(item) => {
            let said = match before(&web, &who, &item).await? {
                Some(_) => "revoked-new",
                None => "revoked",
            };
            let back = format!("/tokens/{}?said={said}", item.token.id);
            Ok(Redirect::to(&back).into_response())
        }
        Err(error @ AppError::Conflict { .. }) => {
            let form = Form::default().refused(error, &["revoke"])?;
            page(&web, &who, StatusCode::CONFLICT, id, form).await
        }
        Err(error) => Err(error.into()),
    }
}
