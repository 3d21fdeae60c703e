//! `/reviews`: how the round of each team stands.

use app::reviews::{ReviewItem, list_reviews};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::expiry::Every;
use http::StatusCode;

use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{NAME_CHARS, Reader, When, path_part, place_of, plain, thousands};
use crate::state::Web;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/reviews", Needs::Session, show)]
}

#[derive(Template)]
#[template(path = "reviews/list.html")]
struct Reviews {
    shell: Shell,
    rows: Vec<Row>,
    /// Whether the reader runs this server, as far as their rights say.
    may_configure: bool,
}

struct Row {
    href: String,
    team: String,
    name: String,
    says_more: bool,
    every: &'static str,
    began: Option<When>,
    next: When,
    progress: Progress,
}

/// Whether the name of a review says more than how often it is held.
pub(super) fn says_more(name: &str) -> bool {
    !matches!(name, "monthly" | "quarterly")
}

/// How far a round is.
pub(super) struct Progress {
    pub(super) decided: u64,
    pub(super) total: u64,
    pub(super) words: String,
    pub(super) is_done: bool,
}

impl Progress {
    pub(super) fn of(review: &ReviewItem) -> Self {
        let decided = review.total.saturating_sub(review.waiting);
        let words = match (review.began_at, review.total, review.waiting) {
            (None, ..) => "no round yet".to_owned(),
            (_, 0, _) => "nothing to decide".to_owned(),
            (.., 0) => "done".to_owned(),
            (_, total, _) => format!("{} of {} decided", thousands(decided), thousands(total)),
        };
        Self {
            decided,
            total: review.total,
            words,
            is_done: review.waiting == 0,
        }
    }
}

/// How often, in words.
pub(super) const fn every_words(every: Every) -> &'static str {
    match every {
        Every::Month => "every month",
        Every::Quarter => "every quarter",
    }
}

async fn show(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Reviews, "Reviews").await?;
    let mut reviews = list_reviews(&web.ctx, who.principal()).await?;
    // What waits for somebody stands first.
    reviews.sort_by_cached_key(|r| (r.waiting == 0, place_of(&r.team_name), r.name.clone()));
    let rows = reviews.iter().map(|review| row(review, &shell.reader));
    let page = Reviews {
        rows: rows.collect(),
        may_configure: who.principal().holds("sources:write"),
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

fn row(review: &ReviewItem, reader: &Reader) -> Row {
    Row {
        href: format!("/reviews/{}", path_part(&review.id)),
        team: plain(&review.team_name, NAME_CHARS),
        name: plain(&review.name, NAME_CHARS),
        says_more: says_more(&review.name),
        every: every_words(review.every),
        began: review.began_at.map(|at| reader.when(at)),
        next: reader.when(review.next_at),
        progress: Progress::of(review),
    }
}
