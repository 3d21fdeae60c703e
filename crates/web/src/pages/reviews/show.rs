//! `/reviews/{id}`: where the mail about a review leads: every credential that its round is
//! about, and a decision for each.

use app::AppError;
use app::people::Names;
use app::reviews::{ReviewDetail, Wish, decide, get_review};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::expiry::Decided;
use domain::inventory::Credential;
use http::StatusCode;

use super::list::{Progress, every_words, says_more};
use super::row::{DECISIONS, Row, Typed, decision, typed, word};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render, sentence};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{NAME_CHARS, When, path_part, plain};
use crate::state::Web;

/// Rows of a page; each has three fields.
const ROWS: usize = 50;
const FIELDS: [&str; 4] = ["credential", "decision", "note", "show"];
const SAID: &[(&str, &str)] = &[
    (
        "decided",
        "Saved. It may be decided anew until the round is over.",
    ),
    ("nothing", "Nothing was decided, so nothing was changed."),
    ("done", "Done. Everything of this round is decided."),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/reviews/{id}", Needs::Session, show),
        Route::post("/reviews/{id}", Needs::Session, take).takes(&FIELDS),
    ]
}

#[derive(Template)]
#[template(path = "reviews/show.html")]
struct ReviewPage {
    shell: Shell,
    path: String,
    name: String,
    says_more: bool,
    team: String,
    every: &'static str,
    began: Option<When>,
    next: When,
    progress: Progress,
    rows: Vec<Row>,
    choices: [(&'static str, &'static str); 4],
    /// Whether what is decided is shown too.
    all: bool,
    more: Option<String>,
    may_decide: bool,
    error: Option<String>,
}

type Covered = (Credential, Option<Decided>);

async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    query: Entries,
) -> Result<Response, Problem> {
    let detail = get_review(&web.ctx, who.principal(), &id).await?;
    page(&web, &who, StatusCode::OK, detail, &query, None).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    detail: ReviewDetail,
    query: &Entries,
    error: Option<String>,
) -> Result<Response, Problem> {
    let review = detail.review;
    let team = plain(&review.team_name, NAME_CHARS);
    let shell = Shell::load(web, who, Place::Reviews, &format!("Review of {team}")).await?;
    let names = Names::load(&web.ctx).await?;
    let typed = typed(query);
    // Whoever decided everything, or only looks, sees what was decided.
    let all = query.get("show") == "all" || review.waiting == 0;
    let from: usize = query.get("from").parse().unwrap_or(0);
    let wanted = |c: &&Covered| all || c.1.is_none() || found(&typed, &c.0).is_some();
    let wanted: Vec<&Covered> = detail.credentials.iter().filter(wanted).collect();
    let rows = wanted.iter().skip(from).take(ROWS);
    let rows = rows.map(|c| Row::of(c, found(&typed, &c.0), &names, &shell.reader));
    let path = format!("/reviews/{}", path_part(&review.id));
    let next = from.saturating_add(ROWS);
    let show = if all { "show=all&" } else { "" };
    let page = ReviewPage {
        rows: rows.collect(),
        more: (next < wanted.len()).then(|| format!("{path}?{show}from={next}")),
        path,
        name: plain(&review.name, NAME_CHARS),
        says_more: says_more(&review.name),
        team,
        every: every_words(review.every),
        began: review.began_at.map(|at| shell.reader.when(at)),
        next: shell.reader.when(review.next_at),
        progress: Progress::of(&review),
        choices: DECISIONS.map(|(_, word, words)| (word, words)),
        all,
        may_decide: detail.may_decide,
        error,
        shell: shell.said(query.some("said").as_deref(), SAID),
    };
    Ok(render(status, &page))
}

fn found<'a>(typed: &'a [Typed], credential: &Credential) -> Option<&'a Typed> {
    let id = credential.id.as_str();
    typed.iter().find(|typed| typed.credential == id)
}

async fn take(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let before = get_review(&web.ctx, who.principal(), &id).await?;
    let wishes = wishes(&before.credentials, &typed(&entries));
    let show = match entries.get("show") {
        "all" => "&show=all",
        _ => "",
    };
    let back = |said: &str| {
        let path = format!("/reviews/{}?said={said}{show}", path_part(&id));
        Redirect::to(&path).into_response()
    };
    if wishes.is_empty() {
        return Ok(back("nothing"));
    }
    match decide(&web.ctx, who.principal(), &id, &wishes).await {
        Ok(after) if after.review.waiting == 0 => Ok(back("done")),
        Ok(_) => Ok(back("decided")),
        Err(AppError::Invalid { problem, .. }) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let error = Some(sentence(&problem));
            page(&web, &who, status, before, &entries, error).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What is different from what stands.
fn wishes(stands: &[Covered], typed: &[Typed]) -> Vec<Wish> {
    let is_new = |row: &&Typed| {
        let before = stands.iter().find(|(c, _)| c.id.as_str() == row.credential);
        let before = before.and_then(|(_, decided)| decided.as_ref());
        before.is_none_or(|d| {
            word(d.decision) != row.decision || d.note.as_deref().unwrap_or_default() != row.note
        })
    };
    let wish = |row: &Typed| {
        Some(Wish {
            credential: row.credential.clone(),
            decision: decision(&row.decision)?,
            note: Some(row.note.clone()).filter(|note| !note.is_empty()),
        })
    };
    typed.iter().filter(is_new).filter_map(wish).collect()
}
