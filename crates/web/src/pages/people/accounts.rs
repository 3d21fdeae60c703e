//! `/service-accounts`: owners of what runs without anybody in particular.

use app::people::{
    CreateServiceAccount, PatchServiceAccount, create_service_account, get_service_account,
    list_service_accounts, list_teams, patch_service_account,
};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::people::{ServiceAccount, Team};
use http::StatusCode;

use super::persons::{joined, some};
use super::sheet::{Field, List, One, Row, choices, refused, shell, ticked};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::offers;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::show::{Form, NAME_CHARS, path_part, place_of, plain};
use crate::state::Web;

const HERE: (&str, &str) = ("/service-accounts", "Service accounts");
const FIELDS: [&str; 5] = ["name", "team", "roles", "active", "version"];
const SAID: &[(&str, &str)] = &[("added", "Added."), ("changed", "Changed.")];

pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Needs::Scope("people:read"), Needs::Scope("people:write"));
    vec![
        Route::get("/service-accounts", read, list),
        Route::get("/service-accounts/new", write, blank),
        Route::post("/service-accounts/new", write, add).takes(&FIELDS),
        Route::get("/service-accounts/{id}", read, show),
        Route::post("/service-accounts/{id}", read, change).takes(&FIELDS),
    ]
}

fn fields() -> Vec<Field> {
    vec![
        Field::text("name", "Name", "What runs under it."),
        Field::text("team", "Team", "Answers for it, and hears of its tokens.").optional(),
    ]
}

async fn list(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    let shell = shell(&web, &who, "Service accounts").await?;
    let mut accounts = list_service_accounts(&web.ctx, who.principal()).await?;
    accounts.sort_by_cached_key(|a| place_of(a.name.as_str()));
    let teams = list_teams(&web.ctx, who.principal()).await?;
    let may = who.principal().holds("people:write");
    let page = List {
        here: "service-accounts",
        title: "Service accounts",
        lead: "They own the tokens of programs, so that no person has to. Their team is told of the end.",
        empty: "Add one for each thing that runs, so that its token survives its author.",
        add: may.then_some(("/service-accounts/new", "Add a service account")),
        columns: vec!["Team", "Roles"],
        rows: accounts
            .iter()
            .map(|account| row(account, &teams))
            .collect(),
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

fn row(account: &ServiceAccount, teams: &[Team]) -> Row {
    Row {
        href: format!("/service-accounts/{}", path_part(account.id.as_str())),
        name: plain(account.name.as_str(), NAME_CHARS),
        small: String::new(),
        tag: tag(account),
        cells: vec![
            team_of(account, teams),
            plain(&joined(&account.roles), NAME_CHARS),
        ],
    }
}

fn tag(account: &ServiceAccount) -> Option<(&'static str, &'static str)> {
    match (account.active, &account.team) {
        (false, _) => Some(("soft", "disabled")),
        // Of its tokens only the admins would hear.
        (true, None) => Some(("warn", "no team hears of it")),
        _ => None,
    }
}

fn team_of(account: &ServiceAccount, teams: &[Team]) -> String {
    let own = account.team.as_ref();
    let found = own.and_then(|id| teams.iter().find(|t| t.id == *id));
    found.map_or_else(String::new, |t| plain(t.name.as_str(), NAME_CHARS))
}

async fn blank(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    new_page(&web, &who, StatusCode::OK, Form::default(), Vec::new()).await
}

async fn new_page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    form: Form,
    chosen: Vec<String>,
) -> Result<Response, Problem> {
    let shell = shell(web, who, "Add a service account").await?;
    let page = One {
        action: Some("/service-accounts/new".to_owned()),
        button: "Add it",
        form,
        fields: fields(),
        teams: offers::teams(web, who.principal()).await?,
        roles: choices(web, who.principal(), []).await?,
        chosen,
        ..One::new(shell, HERE, "Add a service account".to_owned())
    };
    Ok(page.shown(status))
}

async fn add(State(web): State<Web>, who: SignedIn, entries: Entries) -> Result<Response, Problem> {
    let made = match ticked(&entries) {
        Ok(roles) => {
            let request = CreateServiceAccount {
                name: entries.get("name").trim().to_owned(),
                team: entries.some("team"),
                roles,
                ..CreateServiceAccount::default()
            };
            create_service_account(&web.ctx, who.principal(), request).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(account) => Ok(back(account.id.as_str(), "added")),
        Err(error) => {
            let chosen = entries.all("roles");
            let form = refused(Form::again(entries), error, &FIELDS)?;
            new_page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form, chosen).await
        }
    }
}

fn back(id: &str, said: &str) -> Response {
    let path = path_part(id);
    Redirect::to(&format!("/service-accounts/{path}?said={said}")).into_response()
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
    again: Option<(Form, Vec<String>, bool)>,
    said: Option<String>,
) -> Result<Response, Problem> {
    let account = get_service_account(&web.ctx, who.principal(), id).await?;
    let teams = list_teams(&web.ctx, who.principal()).await?;
    let shell = shell(web, who, "A service account").await?;
    let (form, chosen, on) = again.unwrap_or_else(|| {
        let chosen = account.roles.iter().map(ToString::to_string).collect();
        let own = account.team.as_ref();
        let team = own.and_then(|id| teams.iter().find(|t| t.id == *id));
        let team = team.map_or("", |t| t.name.as_str());
        let form = Form::filled(&[("name", account.name.as_str()), ("team", team)]);
        (form, chosen, account.active)
    });
    let path = path_part(account.id.as_str());
    let may = who.principal().holds("people:write");
    let page = One {
        tag: tag(&account),
        facts: vec![
            ("Team", some(team_of(&account, &teams))),
            ("Roles", some(plain(&joined(&account.roles), 300))),
            ("Id", account.id.to_string()),
        ],
        since: Some(shell.reader.when(account.created_at)),
        links: vec![(
            format!("/credentials?owner={path}"),
            "The credentials it owns".to_owned(),
        )],
        action: may.then(|| format!("/service-accounts/{path}")),
        form,
        fields: fields(),
        teams: offers::names(&teams),
        roles: if may {
            choices(web, who.principal(), &account.roles).await?
        } else {
            Vec::new()
        },
        chosen,
        version: Some(account.version),
        active: Some((
            on,
            "Active. Without the tick its tokens stop at once, and work again when it is set.",
        )),
        ..One::new(
            shell.said(said.as_deref(), SAID),
            HERE,
            plain(account.name.as_str(), NAME_CHARS),
        )
    };
    Ok(page.shown(status))
}

async fn change(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let done = match ticked(&entries) {
        Ok(roles) => {
            let patch = PatchServiceAccount {
                name: Some(entries.get("name").trim().to_owned()),
                team: Some(entries.some("team")),
                roles: Some(roles),
                active: Some(entries.is_set("active")),
            };
            let version = entries.get("version").parse().ok();
            patch_service_account(&web.ctx, who.principal(), &id, patch, version).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(account) => Ok(back(account.id.as_str(), "changed")),
        Err(error) => {
            let (chosen, on) = (entries.all("roles"), entries.is_set("active"));
            let form = refused(Form::again(entries), error, &FIELDS)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&web, &who, status, &id, Some((form, chosen, on)), None).await
        }
    }
}
