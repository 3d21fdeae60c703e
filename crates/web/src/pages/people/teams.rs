//! `/teams`: people who answer for credentials together.

use std::collections::BTreeMap;

use app::people::{
    CreateTeam, PatchTeam, create_team, get_team, list_people, list_teams, patch_team,
};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::kernel::PersonId;
use domain::people::{Person, Team};
use http::StatusCode;

use super::persons::{joined, some};
use super::sheet::{Field, List, One, Row, refused, shell, words};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::offers;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::show::{Form, NAME_CHARS, count, path_part, place_of, plain};
use crate::state::Web;

const HERE: (&str, &str) = ("/teams", "Teams");
const FIELDS: [&str; 5] = ["name", "email", "parent", "members", "version"];
const SAID: &[(&str, &str)] = &[("added", "Added."), ("changed", "Changed.")];

pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Needs::Scope("people:read"), Needs::Scope("people:write"));
    vec![
        Route::get("/teams", read, list),
        Route::get("/teams/new", write, blank),
        Route::post("/teams/new", write, add).takes(&FIELDS),
        Route::get("/teams/{id}", read, show),
        Route::post("/teams/{id}", read, change).takes(&FIELDS),
    ]
}

fn fields() -> Vec<Field> {
    vec![
        Field::text("name", "Name", "Also how the configuration names it."),
        Field::text(
            "email",
            "Mailbox of the team",
            "Empty: each member gets a message of their own.",
        )
        .of("email")
        .optional(),
        Field::text("parent", "Team above", "Hears when nobody in this one can.").optional(),
        Field::text("members", "Members", "Addresses, one a line.")
            .of("area")
            .optional(),
    ]
}

async fn list(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    let shell = shell(&web, &who, "Teams").await?;
    let mut teams = list_teams(&web.ctx, who.principal()).await?;
    teams.sort_by_cached_key(|t| place_of(t.name.as_str()));
    let rows = teams.iter().map(|team| row(team, &teams)).collect();
    let may = who.principal().holds("people:write");
    let page = List {
        here: "teams",
        title: "Teams",
        lead: "Who answers together, and hears when an owner cannot.",
        empty: "Add one, so that no credential hangs on one person.",
        add: may.then_some(("/teams/new", "Add a team")),
        columns: vec!["Members", "Team above"],
        rows,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

fn row(team: &Team, teams: &[Team]) -> Row {
    let email = team.email.as_ref().map(ToString::to_string);
    let nobody = team.members.is_empty() && team.email.is_none();
    let unwritten = match nobody {
        true => "no mailbox and no member",
        false => "no mailbox: each member gets a message",
    };
    Row {
        href: format!("/teams/{}", path_part(team.id.as_str())),
        name: plain(team.name.as_str(), NAME_CHARS),
        small: plain(&email.unwrap_or_else(|| unwritten.to_owned()), NAME_CHARS),
        tag: nobody.then_some(("crit", "reaches nobody")),
        cells: vec![
            count(team.members.len() as u64, "member"),
            parent(team, teams),
        ],
    }
}

fn parent(team: &Team, teams: &[Team]) -> String {
    let above = team.parent.as_ref();
    let found = above.and_then(|id| teams.iter().find(|t| t.id == *id));
    found.map_or_else(String::new, |t| plain(t.name.as_str(), NAME_CHARS))
}

async fn blank(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    new_page(&web, &who, StatusCode::OK, Form::default()).await
}

async fn new_page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    form: Form,
) -> Result<Response, Problem> {
    let shell = shell(web, who, "Add a team").await?;
    let page = One {
        action: Some("/teams/new".to_owned()),
        button: "Add it",
        form,
        fields: fields(),
        teams: offers::teams(web, who.principal()).await?,
        ..One::new(shell, HERE, "Add a team".to_owned())
    };
    Ok(page.shown(status))
}

async fn add(State(web): State<Web>, who: SignedIn, entries: Entries) -> Result<Response, Problem> {
    let request = CreateTeam {
        name: entries.get("name").trim().to_owned(),
        email: entries.some("email"),
        parent: entries.some("parent"),
        members: words(entries.get("members")),
        ..CreateTeam::default()
    };
    match create_team(&web.ctx, who.principal(), request).await {
        Ok(team) => Ok(back(team.id.as_str(), "added")),
        Err(error) => {
            let form = refused(Form::again(entries), error, &FIELDS)?;
            new_page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form).await
        }
    }
}

fn back(id: &str, said: &str) -> Response {
    Redirect::to(&format!("/teams/{}?said={said}", path_part(id))).into_response()
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
    who: &SignedIn,
    status: StatusCode,
    id: &str,
    again: Option<Form>,
    said: Option<String>,
) -> Result<Response, Problem> {
    let team = get_team(&web.ctx, who.principal(), id).await?;
    let teams = list_teams(&web.ctx, who.principal()).await?;
    let people = list_people(&web.ctx, who.principal()).await?;
    let people: BTreeMap<&PersonId, &Person> = people.iter().map(|p| (&p.id, p)).collect();
    let shell = shell(web, who, "A team").await?;
    let members = team.members.iter().filter_map(|id| people.get(id));
    let names = joined(members.map(|p| p.name.to_string()));
    let email = team.email.as_ref().map(ToString::to_string);
    let path = path_part(team.id.as_str());
    let page = One {
        facts: vec![
            ("Mailbox", some(email.unwrap_or_default())),
            ("Members", some(plain(&names, 500))),
            ("Team above", some(parent(&team, &teams))),
            ("Id", team.id.to_string()),
        ],
        since: Some(shell.reader.when(team.created_at)),
        links: vec![(
            format!("/credentials?team={path}"),
            "The credentials it answers for".to_owned(),
        )],
        action: who
            .principal()
            .holds("people:write")
            .then(|| format!("/teams/{path}")),
        form: again.unwrap_or_else(|| stands(&team, &teams, &people)),
        fields: fields(),
        teams: offers::names(&teams),
        version: Some(team.version),
        ..One::new(
            shell.said(said.as_deref(), SAID),
            HERE,
            plain(team.name.as_str(), NAME_CHARS),
        )
    };
    Ok(page.shown(status))
}

/// Members stand by their address, or by their id without one.
fn stands(team: &Team, teams: &[Team], people: &BTreeMap<&PersonId, &Person>) -> Form {
    let word = |id: &PersonId| {
        let email = people.get(id).and_then(|p| p.email.as_ref());
        email.map_or_else(|| id.to_string(), ToString::to_string)
    };
    let members: Vec<String> = team.members.iter().map(word).collect();
    let email = team.email.as_ref().map(ToString::to_string);
    let above = team.parent.as_ref();
    let above = above.and_then(|id| teams.iter().find(|t| t.id == *id));
    Form::filled(&[
        ("name", team.name.as_str()),
        ("email", &email.unwrap_or_default()),
        ("parent", above.map_or("", |t| t.name.as_str())),
        ("members", &members.join("\n")),
    ])
}

async fn change(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let patch = PatchTeam {
        name: Some(entries.get("name").trim().to_owned()),
        email: Some(entries.some("email")),
        parent: Some(entries.some("parent")),
        members: Some(words(entries.get("members"))),
        ..PatchTeam::default()
    };
    let version = entries.get("version").parse().ok();
    match patch_team(&web.ctx, who.principal(), &id, patch, version).await {
        Ok(team) => Ok(back(team.id.as_str(), "changed")),
        Err(error) => {
            let form = refused(Form::again(entries), error, &FIELDS)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&web, &who, status, &id, Some(form), None).await
        }
    }
}
