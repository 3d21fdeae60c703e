//! `/monitors`: how every integration that reports in does, the missed ones first.

use std::collections::BTreeMap;

use app::monitors::{MonitorItem, list_monitors, what_they_need};
use app::people::Names;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::inventory::{Credential, Monitor, Pulse};
use domain::kernel::CredentialId;
use http::StatusCode;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::credentials::left_of;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{
    Left, NAME_CHARS, Reader, When, length, owner_words, path_part, place_of, plain,
};
use crate::state::Web;

/// So many dependencies are named in a list.
const NAMED: usize = 3;
const SAID: &[(&str, &str)] = &[("removed", "Removed. Its address works no longer.")];

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/monitors", Needs::Session, show)]
}

#[derive(Template)]
#[template(path = "monitors/list.html")]
struct Monitors {
    shell: Shell,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    name: String,
    who: String,
    tag: (&'static str, &'static str),
    heard: Option<When>,
    missed: Option<(&'static str, When)>,
    period: String,
    grace: String,
    needs: Vec<Needed>,
    more: usize,
}

/// A credential without which it falls silent.
pub(super) struct Needed {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) left: Option<Left>,
}

/// How it does, as a tag: its class in the stylesheet, and the words.
pub(super) const fn tag(pulse: Pulse) -> (&'static str, &'static str) {
    match pulse {
        Pulse::Failed => ("crit", "failed"),
        Pulse::Silent => ("crit", "silent"),
        Pulse::Late => ("warn", "late"),
        Pulse::New => ("soft", "not heard yet"),
        Pulse::Up => ("ok", "heard"),
        Pulse::Paused => ("soft", "paused"),
    }
}

/// What needs somebody stands first.
const fn rank(pulse: Pulse) -> u8 {
    match pulse {
        Pulse::Failed => 0,
        Pulse::Silent => 1,
        Pulse::Late => 2,
        Pulse::New => 3,
        Pulse::Up => 4,
        Pulse::Paused => 5,
    }
}

/// Since when it is missed, or when it will be.
pub(super) fn missed(item: &MonitorItem, reader: &Reader) -> Option<(&'static str, When)> {
    let after = item.missed_after?;
    let words = match item.pulse {
        Pulse::Failed => return item.monitor.failed_at.map(|at| ("since", reader.when(at))),
        Pulse::Silent => "missed since",
        _ => "missed after",
    };
    Some((words, reader.when(after)))
}

/// `every day`, `every 6 hours`.
pub(super) fn every(monitor: &Monitor) -> String {
    let words = length(monitor.period);
    match words.strip_prefix("1 ") {
        Some(unit) if !unit.contains(' ') => format!("every {unit}"),
        _ => format!("every {words}"),
    }
}

/// Who answers for it, in one line.
pub(super) fn who(item: &MonitorItem, names: &Names, reader: &Reader) -> String {
    let owner = item.monitor.owner.as_ref().and_then(|owner| {
        let left = !names.is_present(owner, reader.now);
        Some(owner_words(names.owner(owner)?, left))
    });
    let team = item.monitor.team.as_ref().and_then(|t| names.team(t));
    let both: Vec<String> = owner.into_iter().chain(team).collect();
    plain(&both.join(" ·\u{a0}"), NAME_CHARS)
}

/// What it depends on, soonest end first.
pub(super) fn needed(
    item: &MonitorItem,
    known: &BTreeMap<CredentialId, Credential>,
    reader: &Reader,
) -> Vec<Needed> {
    let ids = item.monitor.depends_on.iter();
    let mut all: Vec<&Credential> = ids.filter_map(|id| known.get(id)).collect();
    all.sort_by_key(|c| (c.expires_at().is_none(), c.expires_at()));
    let one = |credential: &&Credential| Needed {
        href: format!("/credentials/{}", path_part(credential.id.as_str())),
        name: plain(credential.name.as_str(), NAME_CHARS),
        left: credential
            .expires_at()
            .map(|at| left_of(credential, at, reader)),
    };
    all.iter().map(one).collect()
}

async fn show(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Monitors, "Monitors").await?;
    let mut items = list_monitors(&web.ctx, who.principal()).await?;
    items.sort_by_cached_key(|i| (rank(i.pulse), place_of(i.monitor.name.as_str())));
    let known = what_they_need(&web.ctx, &items).await?;
    let names = Names::load(&web.ctx).await?;
    let rows = items.iter().map(|i| row(i, &known, &names, &shell.reader));
    let page = Monitors {
        rows: rows.collect(),
        shell: shell.said(query.some("said").as_deref(), SAID),
    };
    Ok(render(StatusCode::OK, &page))
}

fn row(
    item: &MonitorItem,
    known: &BTreeMap<CredentialId, Credential>,
    names: &Names,
    reader: &Reader,
) -> Row {
    let monitor = &item.monitor;
    let mut needs = needed(item, known, reader);
    let more = needs.len().saturating_sub(NAMED);
    needs.truncate(NAMED);
    Row {
        href: format!("/monitors/{}", path_part(monitor.id.as_str())),
        name: plain(monitor.name.as_str(), NAME_CHARS),
        who: who(item, names, reader),
        tag: tag(item.pulse),
        heard: monitor.last_ping_at.map(|at| reader.when(at)),
        missed: missed(item, reader),
        period: every(monitor),
        grace: length(monitor.grace),
        needs,
        more,
    }
}
