//! `/people`: everybody who can own credentials and be told of their end.

use app::AppError;
use app::people::{
    CreatePerson, PatchPerson, create_person, get_person, list_people, list_teams, patch_person,
};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::kernel::Instant;
use domain::people::{Person, Team};
use http::StatusCode;

use super::sheet::{Field, List, One, Row, choices, refused, shell, ticked};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::show::{Form, NAME_CHARS, Reader, path_part, place_of, plain};
use crate::state::Web;

const HERE: (&str, &str) = ("/people", "People");
const FIELDS: [&str; 7] = [
    "name",
    "email",
    "time_zone",
    "leaves",
    "roles",
    "active",
    "version",
];

const SAID: &[(&str, &str)] = &[("added", "Added."), ("changed", "Changed.")];

pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Needs::Scope("people:read"), Needs::Scope("people:write"));
    vec![
        Route::get("/people", read, list),
        Route::get("/people/new", write, blank),
        Route::post("/people/new", write, add).takes(&FIELDS),
        Route::get("/people/{id}", read, show),
        Route::post("/people/{id}", read, change).takes(&FIELDS),
    ]
}

fn fields() -> Vec<Field> {
    vec![
        Field::text("name", "Name", "As others know them."),
        Field::text(
            "email",
            "E-mail",
            "Where warnings go. Without it nobody can write to them.",
        )
        .of("email")
        .optional(),
        Field::text(
            "time_zone",
            "Time zone",
            "Such as Europe/Berlin. Empty means UTC.",
        )
        .optional(),
        Field::text(
            "leaves",
            "Last day",
            "Their own tokens stop working when this day ends, and others hear in time. Empty: they stay.",
        )
        .of("date")
        .optional(),
    ]
}

async fn list(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    let shell = shell(&web, &who, "People").await?;
    let mut people = list_people(&web.ctx, who.principal()).await?;
    people.sort_by_cached_key(|p| place_of(p.name.as_str()));
    let teams = list_teams(&web.ctx, who.principal()).await?;
    let rows = people.iter().map(|p| row(p, &teams, &shell.reader));
    let page = List {
        here: "people",
        title: "People",
        lead: "Who can own credentials, and who is told of their end.",
        empty: "Add somebody, or let an identity provider do it.",
        add: may_write(&who).then_some(("/people/new", "Add somebody")),
        columns: vec!["Teams", "Roles", "Last day"],
        rows: rows.collect(),
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

fn may_write(who: &SignedIn) -> bool {
    who.principal().holds("people:write")
}

fn row(person: &Person, teams: &[Team], reader: &Reader) -> Row {
    let email = person.email.as_ref().map(ToString::to_string);
    Row {
        href: format!("/people/{}", path_part(person.id.as_str())),
        name: plain(person.name.as_str(), NAME_CHARS),
        small: plain(
            &email.unwrap_or_else(|| "no address".to_owned()),
            NAME_CHARS,
        ),
        tag: tag(person, reader),
        cells: vec![
            teams_of(person, teams),
            plain(&joined(&person.roles), NAME_CHARS),
            person
                .leaves_at
                .map_or_else(String::new, |at| reader.day(at)),
        ],
    }
}

fn teams_of(person: &Person, teams: &[Team]) -> String {
    let own = teams.iter().filter(|t| t.members.contains(&person.id));
    let names: Vec<&str> = own.map(|t| t.name.as_str()).collect();
    plain(&names.join(", "), NAME_CHARS)
}

pub(super) fn joined<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    texts.join(", ")
}

fn tag(person: &Person, reader: &Reader) -> Option<(&'static str, &'static str)> {
    if !person.active {
        Some(("soft", "deactivated"))
    } else if !person.is_present(reader.now) {
        Some(("soft", "has left"))
    } else if person.bounced_at.is_some() {
        Some(("crit", "mail comes back"))
    } else if person.email.is_none() {
        Some(("warn", "cannot be written to"))
    } else {
        None
    }
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
    let shell = shell(web, who, "Add somebody").await?;
    let page = One {
        action: Some("/people/new".to_owned()),
        button: "Add them",
        form,
        fields: fields(),
        roles: choices(web, who.principal(), []).await?,
        chosen,
        ..One::new(shell, HERE, "Add somebody".to_owned())
    };
    Ok(page.shown(status))
}

async fn add(State(web): State<Web>, who: SignedIn, entries: Entries) -> Result<Response, Problem> {
    let reader = reader(&web, &who);
    let made = match (last_day(&entries, &reader), ticked(&entries)) {
        (Ok(leaves_at), Ok(roles)) => {
            let request = CreatePerson {
                name: entries.get("name").trim().to_owned(),
                email: entries.some("email"),
                time_zone: entries.some("time_zone"),
                roles,
                leaves_at,
                ..CreatePerson::default()
            };
            create_person(&web.ctx, who.principal(), request).await
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match made {
        Ok(person) => Ok(back(person.id.as_str(), "added")),
        Err(error) => {
            let chosen = entries.all("roles");
            let form = refused(Form::again(entries), error, &FIELDS)?;
            new_page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form, chosen).await
        }
    }
}

fn reader(web: &Web, who: &SignedIn) -> Reader {
    Reader::of(who.visitor.person.time_zone.as_deref(), web.ctx.now())
}

/// The last instant of somebody's last day, where one was typed.
fn last_day(entries: &Entries, reader: &Reader) -> Result<Option<Instant>, AppError> {
    let Some(day) = entries.some("leaves") else {
        return Ok(None);
    };
    let wanted = || AppError::invalid("leaves", "a day such as 2027-03-01 is wanted");
    reader.end_of_day(&day).map(Some).ok_or_else(wanted)
}

fn back(id: &str, said: &str) -> Response {
    Redirect::to(&format!("/people/{}?said={said}", path_part(id))).into_response()
}

async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    query: Entries,
) -> Result<Response, Problem> {
    page(&web, &who, StatusCode::OK, &id, None, query.some("said")).await
}

/// `again`: the form as it was sent, with the roles that were ticked.
async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    id: &str,
    again: Option<(Form, Vec<String>, bool)>,
    said: Option<String>,
) -> Result<Response, Problem> {
    let person = get_person(&web.ctx, who.principal(), id).await?;
    let teams = list_teams(&web.ctx, who.principal()).await?;
    let shell = shell(web, who, "Somebody").await?;
    let reader = shell.reader.clone();
    let (form, chosen, on) = again.unwrap_or_else(|| {
        let chosen = person.roles.iter().map(ToString::to_string).collect();
        (stands(&person, &reader), chosen, person.active)
    });
    let title = plain(person.name.as_str(), NAME_CHARS);
    let may = may_write(who);
    let page = One {
        tag: tag(&person, &reader),
        facts: facts(&person, &teams),
        since: Some(reader.when(person.created_at)),
        links: vec![(
            format!("/credentials?owner={}", path_part(person.id.as_str())),
            "The credentials they own".to_owned(),
        )],
        action: may.then(|| format!("/people/{}", path_part(person.id.as_str()))),
        form,
        fields: fields(),
        roles: if may {
            choices(web, who.principal(), &person.roles).await?
        } else {
            Vec::new()
        },
        chosen,
        version: Some(person.version),
        active: Some((
            on,
            "Active. Without the tick their own tokens stop at once, and work again when it is set.",
        )),
        ..One::new(shell.said(said.as_deref(), SAID), HERE, title)
    };
    Ok(page.shown(status))
}

fn facts(person: &Person, teams: &[Team]) -> Vec<(&'static str, String)> {
    let email = person.email.as_ref().map(ToString::to_string);
    let zone = person.time_zone.clone();
    vec![
        (
            "E-mail",
            plain(&email.unwrap_or_else(|| "none".to_owned()), NAME_CHARS),
        ),
        (
            "Time zone",
            plain(&zone.unwrap_or_else(|| "UTC".to_owned()), NAME_CHARS),
        ),
        ("Teams", some(teams_of(person, teams))),
        ("Roles", some(plain(&joined(&person.roles), 300))),
        ("Id", person.id.to_string()),
    ]
}

pub(super) fn some(text: String) -> String {
    if text.is_empty() {
        "none".to_owned()
    } else {
        text
    }
}

fn stands(person: &Person, reader: &Reader) -> Form {
    let email = person.email.as_ref().map(ToString::to_string);
    Form::filled(&[
        ("name", person.name.as_str()),
        ("email", &email.unwrap_or_default()),
        ("time_zone", person.time_zone.as_deref().unwrap_or_default()),
        ("leaves", &leaves_day(person, reader)),
    ])
}

fn leaves_day(person: &Person, reader: &Reader) -> String {
    person
        .leaves_at
        .map_or_else(String::new, |at| reader.local(at).date().to_string())
}

async fn change(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let reader = reader(&web, &who);
    let before = get_person(&web.ctx, who.principal(), &id).await?;
    // The same day as before keeps its exact instant.
    let same = entries.get("leaves").trim() == leaves_day(&before, &reader);
    let done = match (last_day(&entries, &reader), ticked(&entries)) {
        (Ok(leaves_at), Ok(roles)) => {
            let patch = PatchPerson {
                name: Some(entries.get("name").trim().to_owned()),
                email: Some(entries.some("email")),
                time_zone: Some(entries.some("time_zone")),
                roles: Some(roles),
                active: Some(entries.is_set("active")),
                leaves_at: (!same).then_some(leaves_at),
                ..PatchPerson::default()
            };
            let version = entries.get("version").parse().ok();
            patch_person(&web.ctx, who.principal(), &id, patch, version).await
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match done {
        Ok(person) => Ok(back(person.id.as_str(), "changed")),
        Err(error) => {
            let (chosen, on) = (entries.all("roles"), entries.is_set("active"));
            let form = refused(Form::again(entries), error, &FIELDS)?;
            let again = Some((form, chosen, on));
            page(
                &web,
                &who,
                StatusCode::UNPROCESSABLE_ENTITY,
                &id,
                again,
                None,
            )
            .await
        }
    }
}
