//! `/silences`: what is kept back, until when, why, and who asked for it.

use app::people::Names;
use app::silences::{CreateSilence, create_silence, end_silence, list_silences};
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::expiry::Silence;
use http::StatusCode;

use super::words::{matcher, matcher_words};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, Reader, When, plain};
use crate::state::Web;

const FIELDS: [&str; 7] = [
    "source", "name", "owner", "team", "scope", "until", "reason",
];
const TEXT_CHARS: usize = 500;
const SAID: &[(&str, &str)] = &[
    (
        "made",
        "Silenced. The last day before an end is said all the same.",
    ),
    ("ended", "Ended. What it kept back is said now."),
];

pub(crate) fn routes() -> Vec<Route> {
    let write = Needs::Scope("alerts:write");
    vec![
        Route::get("/silences", Needs::Scope("alerts:read"), show),
        Route::post("/silences", write, make).takes(&FIELDS),
        Route::post("/silences/{id}/end", write, end),
    ]
}

#[derive(Template)]
#[template(path = "policies/silences.html")]
struct Silences {
    shell: Shell,
    rows: Vec<Row>,
    form: Form,
    may_write: bool,
}

struct Row {
    id: String,
    matches: String,
    reason: String,
    by: String,
    from: When,
    until: When,
    runs: bool,
}

async fn show(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    page(
        &web,
        &who,
        StatusCode::OK,
        Form::default(),
        query.some("said"),
    )
    .await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    form: Form,
    said: Option<String>,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Policies, "Silences").await?;
    // Whoever may silence but not list sees the form again and no list.
    let mut silences = if who.principal().holds("alerts:read") {
        list_silences(&web.ctx, who.principal(), false).await?
    } else {
        Vec::new()
    };
    silences.sort_by_key(|silence| silence.ends_at);
    let names = Names::load(&web.ctx).await?;
    let page = Silences {
        rows: silences
            .iter()
            .map(|s| row(s, &names, &shell.reader))
            .collect(),
        form,
        may_write: who.principal().holds("alerts:write"),
        shell: shell.said(said.as_deref(), SAID),
    };
    Ok(render(status, &page))
}

fn row(silence: &Silence, names: &Names, reader: &Reader) -> Row {
    Row {
        id: silence.id.to_string(),
        matches: matcher_words(&silence.matches),
        reason: plain(&silence.reason, TEXT_CHARS),
        by: plain(&names.actor(&silence.by), NAME_CHARS),
        from: reader.when(silence.starts_at),
        until: reader.when(silence.ends_at),
        runs: silence.starts_at <= reader.now,
    }
}

fn wish(ctx: &Context, who: &SignedIn, entries: &Entries) -> Result<CreateSilence, AppError> {
    let reader = Reader::of(who.visitor.person.time_zone.as_deref(), ctx.now());
    let until = reader.end_of_day(entries.get("until"));
    let ends_at = until.ok_or_else(|| {
        AppError::invalid(
            "until",
            "a day such as 2027-03-01 is wanted, a year ahead at most",
        )
    })?;
    Ok(CreateSilence {
        matches: matcher(entries)?,
        starts_at: None,
        ends_at,
        reason: entries.get("reason").to_owned(),
        idempotency: None,
    })
}

async fn make(
    State(web): State<Web>,
    who: SignedIn,
    entries: Entries,
) -> Result<Response, Problem> {
    let made = match wish(&web.ctx, &who, &entries) {
        Ok(request) => create_silence(&web.ctx, who.principal(), request).await,
        Err(error) => Err(error),
    };
    let error = match made {
        Ok(_) => return Ok(Redirect::to("/silences?said=made").into_response()),
        Err(AppError::Invalid {
            field: "match",
            problem,
        }) => AppError::invalid("source", problem),
        Err(AppError::Invalid {
            field: "ends_at",
            problem,
        }) => AppError::invalid("until", problem),
        Err(error) => error,
    };
    let form = Form::again(entries).refused(error, &FIELDS)?;
    page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form, None).await
}

async fn end(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    end_silence(&web.ctx, who.principal(), &id).await?;
    Ok(Redirect::to("/silences?said=ended"))
}
