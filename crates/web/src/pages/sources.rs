//! `/sources`: how every watched system does, the blind ones first.

use app::Context;
use app::ports::{Condition, Preview};
use app::sources::{
    SourceItem, accept_source, count_of_source, list_sources, request_sync, try_source,
};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::inventory::{End, Listed};
use http::StatusCode;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render, sentence};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{NAME_CHARS, Reader, When, count, kind_words, path_part, plain, thousands};
use crate::state::Web;

/// A long sentence of a source is cut at so many characters.
const TEXT_CHARS: usize = 400;
const READ: &str = "sources:read";
const WRITE: &str = "sources:write";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sources", Needs::Scope(READ), show),
        Route::post("/sources/{id}/sync", Needs::Scope(WRITE), sync),
        Route::post("/sources/{id}/accept", Needs::Scope(WRITE), accept),
        Route::post("/sources/{id}/test", Needs::Scope(WRITE), test),
    ]
}

const SAID: &[(&str, &str)] = &[
    ("wanted", "It is being read; look again in a moment."),
    ("accepted", "What the last listing lacked is closed."),
];

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    shell: Shell,
    rows: Vec<Row>,
    may: bool,
}

struct Row {
    id: String,
    name: String,
    system: String,
    class: &'static str,
    state: &'static str,
    trouble: Vec<String>,
    complete: Option<When>,
    /// Why there was no complete read, in a word or two.
    incomplete: &'static str,
    succeeded: Option<When>,
    /// How many credentials of it work.
    holds: String,
    /// What the last read brought.
    figures: Option<String>,
    underway: Option<String>,
    held: bool,
    is_read: bool,
}

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    shell: Shell,
    /// The end of its path.
    id: String,
    name: String,
    error: Option<String>,
    remarks: Vec<String>,
    rows: Vec<Told>,
    /// Whether the system gives fields to compare with.
    shows_raw: bool,
    complete: bool,
}

/// A row as it would be kept, beside what it was made from.
struct Told {
    name: String,
    kind: String,
    owner: String,
    ends: Result<When, &'static str>,
    raw: Vec<(String, String)>,
    withheld: String,
}

async fn show(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Sources, "Sources").await?;
    let mut items = list_sources(&web.ctx, who.principal()).await?;
    items.sort_by_key(|item| {
        (
            std::cmp::Reverse(item.state.condition()),
            item.state.id.clone(),
        )
    });
    let mut rows = Vec::with_capacity(items.len());
    for item in &items {
        let holds = count_of_source(&web.ctx, who.principal(), &item.state.id).await?;
        rows.push(Row::of(&web.ctx, item, holds, &shell.reader));
    }
    let page = SourcesPage {
        rows,
        may: who.principal().holds(WRITE),
        shell: shell.said(query.some("said").as_deref(), SAID),
    };
    Ok(render(StatusCode::OK, &page))
}

impl Row {
    fn of(ctx: &Context, item: &SourceItem, holds: u64, reader: &Reader) -> Self {
        let state = &item.state;
        let is_read = ctx.connectors.load().contains_key(&state.id);
        let (class, words) = condition_words(state.condition(), is_read);
        Self {
            id: path_part(state.id.as_str()),
            name: plain(state.id.as_str(), NAME_CHARS),
            system: plain(&state.system, NAME_CHARS),
            class,
            state: words,
            trouble: trouble(item, reader),
            complete: state.complete_at.map(|at| reader.when(at)),
            incomplete: match (state.partial.is_some(), state.succeeded_at) {
                (true, _) => "never yet, only in part",
                (false, Some(_)) if is_read => "it reports events, not whole lists",
                (false, Some(_)) => "never a whole list",
                (false, None) => "never",
            },
            succeeded: state.succeeded_at.map(|at| reader.when(at)),
            holds: count(holds, "credential"),
            figures: figures(item, is_read),
            underway: item
                .underway
                .map(|read| format!("{} so far", count(read.read, "row"))),
            held: state.held.is_some(),
            is_read,
        }
    }
}

/// What is not read by us is sent to us.
const fn condition_words(condition: Condition, is_read: bool) -> (&'static str, &'static str) {
    match (condition, is_read) {
        (Condition::Failing, _) => ("crit", "cannot be read"),
        (Condition::Held, _) => ("crit", "lists much less than before"),
        (Condition::Partial, true) => ("warn", "read in part"),
        (Condition::Partial, false) => ("warn", "received in part"),
        (Condition::Ok, true) => ("ok", "read"),
        (Condition::Ok, false) => ("ok", "received"),
        (Condition::New, true) => ("soft", "not read yet"),
        (Condition::New, false) => ("soft", "nothing received yet"),
    }
}

fn trouble(item: &SourceItem, reader: &Reader) -> Vec<String> {
    let state = &item.state;
    let since =
        |(at, why): &(domain::kernel::Instant, String)| format!("since {}: {why}", reader.day(*at));
    let held = state.held.as_ref().map(|held| {
        let (missing, of) = (thousands(held.missing), thousands(held.of));
        format!("its last whole listing lacked {missing} of {of}; nothing is closed until somebody says that this is right")
    });
    let mut all: Vec<String> = Vec::new();
    all.extend(state.failing.as_ref().map(since));
    all.extend(held);
    all.extend(state.partial.as_ref().map(since));
    all.extend(state.remarks.iter().cloned());
    all.iter().map(|text| told(text)).collect()
}

/// What the last read brought, and whether anything was ever unreadable.
fn figures(item: &SourceItem, is_read: bool) -> Option<String> {
    let state = &item.state;
    let last = state.last.as_ref()?;
    let rows = count(last.read, "row");
    let read = match is_read {
        true => format!("the last read brought {rows}"),
        false => format!("it last sent {rows}"),
    };
    Some(match (last.unreadable, state.unreadable) {
        (0, 0) => read,
        (0, n) => format!("{read}; {} unreadable in earlier ones", count(n, "row")),
        (n, _) => format!("{read}, {} of them unreadable", thousands(n)),
    })
}

async fn sync(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    request_sync(&web.ctx, who.principal(), &id).await?;
    Ok(Redirect::to("/sources?said=wanted"))
}

async fn accept(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    accept_source(&web.ctx, who.principal(), &id).await?;
    Ok(Redirect::to("/sources?said=accepted"))
}

async fn test(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let tried = try_source(&web.ctx, who.principal(), &id).await?;
    let shell = Shell::load(&web, &who, Place::Sources, "A look at a source").await?;
    let page = match tried {
        Ok(preview) => PreviewPage::of(shell, &id, preview),
        Err(error) => PreviewPage {
            error: Some(told(&error.to_string())),
            ..PreviewPage::of(shell, &id, Preview::default())
        },
    };
    Ok(render(StatusCode::OK, &page).into_response())
}

/// What is wrong with a source, as a sentence.
fn told(text: &str) -> String {
    plain(&sentence(&unnumbered(text)), TEXT_CHARS)
}

/// Without the number that the operating system gives its refusals: `(os error 2)`.
fn unnumbered(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((before, after)) => {
            let rest = after.split_once(')').map_or("", |(_, rest)| rest);
            format!("{before}{rest}")
        }
        None => text.to_owned(),
    }
}

impl PreviewPage {
    fn of(shell: Shell, id: &str, preview: Preview) -> Self {
        let short = |text: &str| plain(text, NAME_CHARS);
        let reader = shell.reader.clone();
        let rows = preview.rows.into_iter().map(|row| {
            let raw = row.raw.iter().map(|(at, value)| (short(at), short(value)));
            let withheld = short(&row.withheld.join(", "));
            Told::of(&row.told, raw.collect(), withheld, &reader)
        });
        let rows: Vec<Told> = rows.collect();
        Self {
            shows_raw: rows.iter().any(|row| !row.raw.is_empty()),
            rows,
            remarks: preview
                .remarks
                .iter()
                .map(|text| plain(text, TEXT_CHARS))
                .collect(),
            complete: preview.complete,
            error: None,
            shell,
            id: path_part(id),
            name: plain(id, NAME_CHARS),
        }
    }
}

impl Told {
    fn of(told: &Listed, raw: Vec<(String, String)>, withheld: String, reader: &Reader) -> Self {
        let owner = told.owner.as_ref();
        let owner = owner.map(|o| {
            let called = o.name.clone().or_else(|| o.email.clone());
            called.unwrap_or_else(|| o.id.clone())
        });
        let owner = owner.filter(|called| !called.is_empty());
        Self {
            name: told
                .name
                .as_ref()
                .map_or_else(|| "—".to_owned(), |n| plain(n.as_str(), NAME_CHARS)),
            kind: kind_words(&told.kind),
            owner: plain(&owner.unwrap_or_else(|| "—".to_owned()), NAME_CHARS),
            ends: match told.end {
                End::Known(at) => Ok(reader.when(at)),
                End::Never => Err("never"),
                End::Unknown => Err("unknown"),
            },
            raw,
            withheld,
        }
    }
}
