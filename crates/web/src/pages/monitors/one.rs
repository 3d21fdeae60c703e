//! `/monitors/{id}`: how one integration does, where it reports in, and what it needs.

use app::alerts::list_alerts;
use app::monitors::{
    MonitorItem, get_monitor, may_change_monitor, patch_monitor, remove_monitor, what_they_need,
};
use app::people::Names;
use app::ports::{AlertFilter, PageRequest};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::expiry::Subject;
use domain::inventory::Pulse;
use http::StatusCode;

use super::form::{FIELDS, patch, refused, stands};
use super::list::{Needed, every, missed, needed, tag, who};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::offers::Offers;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, Reader, When, count, length, path_part, plain};
use crate::state::Web;

const SAID: &[(&str, &str)] = &[
    (
        "made",
        "It is set up. Have the integration call its address at the end of each run.",
    ),
    ("changed", "Changed."),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/monitors/{id}", Needs::Session, show),
        Route::post("/monitors/{id}", Needs::Session, change).takes(&FIELDS),
        Route::post("/monitors/{id}/remove", Needs::Session, remove),
    ]
}

#[derive(Template)]
#[template(path = "monitors/one.html")]
struct OneMonitor {
    shell: Shell,
    path: String,
    name: String,
    tag: (&'static str, &'static str),
    missed: Option<(&'static str, When)>,
    /// The alert that stands about it.
    alert: Option<String>,
    heard: Option<When>,
    failed: Option<When>,
    facts: Vec<(&'static str, String)>,
    needs: Vec<Needed>,
    ping_url: Option<String>,
    form: Form,
    offers: Offers,
    version: u64,
    may_change: bool,
}

async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    query: Entries,
) -> Result<Response, Problem> {
    page(&web, &who, StatusCode::OK, &id, None, query.some("said")).await
}

async fn page(
    web: &Web,
    signed_in: &SignedIn,
    status: StatusCode,
    id: &str,
    again: Option<Form>,
    said: Option<String>,
) -> Result<Response, Problem> {
    let item = get_monitor(&web.ctx, signed_in.principal(), id).await?;
    let may_change = may_change_monitor(&web.ctx, signed_in.principal(), &item).await?;
    let known = what_they_need(&web.ctx, std::slice::from_ref(&item)).await?;
    let names = Names::load(&web.ctx).await?;
    let name = plain(item.monitor.name.as_str(), NAME_CHARS);
    let shell = Shell::load(web, signed_in, Place::Monitors, &name).await?;
    let reader = shell.reader.clone();
    let monitor = &item.monitor;
    let page = OneMonitor {
        path: format!("/monitors/{}", path_part(monitor.id.as_str())),
        tag: tag(item.pulse),
        missed: missed(&item, &reader),
        alert: alert_about(web, signed_in, &item).await?,
        heard: monitor.last_ping_at.map(|at| reader.when(at)),
        failed: monitor
            .has_failed()
            .then(|| monitor.failed_at.map(|at| reader.when(at)))
            .flatten(),
        facts: facts(&item, &names, &reader),
        needs: needed(&item, &known, &reader),
        ping_url: item.ping_url.clone(),
        form: again.unwrap_or_else(|| stands(&item, &names, &known)),
        offers: Offers::load(web, signed_in).await?,
        version: monitor.version,
        may_change,
        name,
        shell: shell.said(said.as_deref(), SAID),
    };
    Ok(render(status, &page))
}

/// The alert that is open about it, where it is missed or failed.
async fn alert_about(
    web: &Web,
    who: &SignedIn,
    item: &MonitorItem,
) -> Result<Option<String>, Problem> {
    if !matches!(item.pulse, Pulse::Silent | Pulse::Failed) {
        return Ok(None);
    }
    let filter = AlertFilter {
        subject: Some(Subject::Monitor(item.monitor.id.clone())),
        ..AlertFilter::default()
    };
    let first = PageRequest {
        limit: 1,
        after: None,
    };
    let found = list_alerts(&web.ctx, who.principal(), filter, &first).await?;
    Ok(found.items.first().map(|item| item.alert.id.to_string()))
}

fn facts(item: &MonitorItem, names: &Names, reader: &Reader) -> Vec<(&'static str, String)> {
    let monitor = &item.monitor;
    let answers = match who(item, names, reader) {
        nobody if nobody.is_empty() => "nobody".to_owned(),
        somebody => somebody,
    };
    vec![
        ("Reports in", every(monitor)),
        ("May be late by", length(monitor.grace)),
        ("Heard", count(monitor.pings, "time")),
        ("Answers for it", answers),
        ("Set up", reader.left_words(monitor.created_at)),
    ]
}

async fn change(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let item = get_monitor(&web.ctx, who.principal(), &id).await?;
    let known = what_they_need(&web.ctx, std::slice::from_ref(&item)).await?;
    let before = stands(&item, &Names::load(&web.ctx).await?, &known);
    let version = entries.get("version").parse().ok();
    let done = match patch(&entries, &before) {
        Ok(patch) => patch_monitor(&web.ctx, who.principal(), &id, patch, version).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => {
            let path = format!("/monitors/{}?said=changed", path_part(&id));
            Ok(Redirect::to(&path).into_response())
        }
        Err(error) => {
            let form = refused(Form::again(entries), error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&web, &who, status, &id, Some(form), None).await
        }
    }
}

async fn remove(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    remove_monitor(&web.ctx, who.principal(), &id).await?;
    Ok(Redirect::to("/monitors?said=removed"))
}
