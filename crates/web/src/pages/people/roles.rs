//! `/roles`: what each role allows, who holds it, and how it compares with one's own.

use app::people::{list_people, list_service_accounts};
use app::roles::{
    CreateRole, PatchRole, change_role, create_role, get_role, list_roles, remove_role,
};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::access::{OWN_SCOPES, Role, check_grant};
use http::StatusCode;

use super::persons::{joined, some};
use super::scopes::scope_words;
use super::sheet::{Field, List, One, Row, refused, shell, words};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::show::{Form, NAME_CHARS, count, path_part, plain};
use crate::state::Web;

const HERE: (&str, &str) = ("/roles", "Roles");
const FIELDS: [&str; 4] = ["name", "description", "scopes", "active"];
const CHANGED: [&str; 4] = ["description", "scopes", "active", "version"];
const SAID: &[(&str, &str)] = &[
    ("added", "Added."),
    (
        "changed",
        "Changed. Whoever carries it may do this from now on.",
    ),
    ("removed", "Removed."),
];
/// What the box says.
const ROTATES: &str = "Tokens with it may rotate themselves";

pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Needs::Scope("roles:read"), Needs::Scope("roles:write"));
    vec![
        Route::get("/roles", read, list),
        Route::get("/roles/new", write, blank),
        Route::post("/roles/new", write, add).takes(&FIELDS),
        Route::get("/roles/{name}", read, show),
        Route::post("/roles/{name}", write, change).takes(&CHANGED),
        Route::post("/roles/{name}/remove", write, remove),
    ]
}

async fn list(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    let shell = shell(&web, &who, "Roles").await?;
    let roles = list_roles(&web.ctx, who.principal()).await?;
    let may = who.principal().holds("roles:write");
    let page = List {
        here: "roles",
        title: "Roles",
        lead: "What people, accounts and tokens may do. Nobody gives what they do not hold.",
        empty: "Add one.",
        add: may.then_some(("/roles/new", "Add a role")),
        columns: vec!["Allows", "You"],
        rows: roles.iter().map(|role| row(role, &who)).collect(),
        shell: shell.said(query.some("said").as_deref(), SAID),
    };
    Ok(render(StatusCode::OK, &page))
}

fn row(role: &Role, who: &SignedIn) -> Row {
    let words = role.grant.words();
    let allows = match (role.grant.is_all(), words.len()) {
        (true, _) => "everything".to_owned(),
        (_, 0) => "nothing".to_owned(),
        (_, n) if n <= 4 => plain(&words.join(", "), NAME_CHARS),
        (_, n) => count(n as u64, "scope"),
    };
    Row {
        href: format!("/roles/{}", path_part(role.name.as_str())),
        name: plain(role.name.as_str(), NAME_CHARS),
        small: plain(&role.description, 160),
        tag: role.fixed.then_some(("soft", "built in")),
        cells: vec![allows, compared(role, who)],
    }
}

/// How it compares with what the reader holds.
fn compared(role: &Role, who: &SignedIn) -> String {
    if role.grant.is_empty() {
        // Everybody holds all of nothing.
        return "—".to_owned();
    }
    match check_grant(&role.grant, &who.principal().grant) {
        Ok(()) => "hold all of it".to_owned(),
        Err(exceeds) if exceeds.missing.len() == role.grant.words().len() => {
            "hold none of it".to_owned()
        }
        Err(exceeds) => format!("lack {}", count(exceeds.missing.len() as u64, "scope")),
    }
}

fn fields(is_new: bool) -> Vec<Field> {
    let name = Field::text(
        "name",
        "Name",
        "It cannot be changed later. Two names must differ by more than upper and lower case.",
    );
    let rest = [
        Field::text(
            "description",
            "What it is for",
            "Shown wherever it can be chosen.",
        )
        .optional(),
        Field::text(
            "scopes",
            "Scopes",
            "One on each line: those of Forewarn, which are listed below, or words of your own.",
        )
        .of("area")
        .optional(),
    ];
    let name = is_new.then_some(name);
    name.into_iter().chain(rest).collect()
}

/// Every scope of Forewarn, what it allows, and whether the reader may give it.
fn known(who: &SignedIn) -> Vec<(String, &'static str, bool)> {
    let scope = |scope: &&str| {
        let mine = who.principal().holds(scope);
        ((*scope).to_owned(), scope_words(scope), mine)
    };
    OWN_SCOPES.iter().map(scope).collect()
}

async fn blank(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    new_page(&web, &who, StatusCode::OK, Form::default(), true).await
}

async fn new_page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    form: Form,
    rotates: bool,
) -> Result<Response, Problem> {
    let shell = shell(web, who, "Add a role").await?;
    let page = One {
        action: Some("/roles/new".to_owned()),
        button: "Add it",
        form,
        fields: fields(true),
        active: Some((rotates, ROTATES)),
        known: known(who),
        ..One::new(shell, HERE, "Add a role".to_owned())
    };
    Ok(page.shown(status))
}

async fn add(State(web): State<Web>, who: SignedIn, entries: Entries) -> Result<Response, Problem> {
    let rotates = entries.is_set("active");
    let request = CreateRole {
        name: entries.get("name").trim().to_owned(),
        description: entries.get("description").trim().to_owned(),
        scopes: words(entries.get("scopes")),
        may_rotate_itself: Some(rotates),
        idempotency: None,
    };
    if request.name.is_empty() {
        let form = Form::again(entries).with("name", "a role needs a name");
        return new_page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form, rotates).await;
    }
    match create_role(&web.ctx, who.principal(), request).await {
        Ok(role) => Ok(back(role.name.as_str(), "added")),
        Err(error) => {
            let form = refused(Form::again(entries), error, &FIELDS)?;
            new_page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form, rotates).await
        }
    }
}

fn back(name: &str, said: &str) -> Response {
    Redirect::to(&format!("/roles/{}?said={said}", path_part(name))).into_response()
}

async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(name): Path<String>,
    query: Entries,
) -> Result<Response, Problem> {
    page(&web, &who, StatusCode::OK, &name, None, query.some("said")).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    name: &str,
    again: Option<(Form, bool)>,
    said: Option<String>,
) -> Result<Response, Problem> {
    let role = get_role(&web.ctx, who.principal(), name).await?;
    let shell = shell(web, who, "A role").await?;
    let principal = who.principal();
    let (form, rotates) = again.unwrap_or_else(|| {
        let scopes = role.grant.words().join("\n");
        let filled = [
            ("description", role.description.as_str()),
            ("scopes", &scopes),
        ];
        (Form::filled(&filled), role.may_rotate_itself)
    });
    let may = principal.holds("roles:write") && !role.fixed;
    let mine = |word: &str| match word {
        "*" => principal.grant.is_all(),
        word => principal.holds(word),
    };
    let allows = role.grant.words().into_iter().map(|word| {
        let (words, mine) = (scope_words(&word), mine(&word));
        (plain(&word, 128), words, mine)
    });
    let path = path_part(role.name.as_str());
    let page = One {
        tag: role.fixed.then_some(("soft", "built in, stays as it is")),
        facts: facts(web, who, &role).await?,
        links: vec![(
            format!("/tokens?role={path}"),
            "Tokens that carry it".to_owned(),
        )],
        allows: allows.collect(),
        known: if may { known(who) } else { Vec::new() },
        action: may.then(|| format!("/roles/{path}")),
        remove: may.then(|| format!("/roles/{path}/remove")),
        form,
        fields: fields(false),
        version: Some(role.version),
        active: Some((rotates, ROTATES)),
        ..One::new(
            shell.said(said.as_deref(), SAID),
            HERE,
            plain(role.name.as_str(), NAME_CHARS),
        )
    };
    Ok(page.shown(status))
}

/// Who holds it is told to whoever may see people.
async fn facts(
    web: &Web,
    who: &SignedIn,
    role: &Role,
) -> Result<Vec<(&'static str, String)>, Problem> {
    let rotates = if role.may_rotate_itself { "yes" } else { "no" };
    let mut facts = vec![
        ("What it is for", some(plain(&role.description, 1000))),
        ("You", compared(role, who)),
        ("Tokens rotate themselves", rotates.to_owned()),
    ];
    if who.principal().holds("people:read") {
        let people = list_people(&web.ctx, who.principal()).await?;
        let people = people.iter().filter(|p| p.roles.contains(&role.name));
        let people = joined(people.map(|p| p.name.to_string()));
        let accounts = list_service_accounts(&web.ctx, who.principal()).await?;
        let accounts = accounts.iter().filter(|a| a.roles.contains(&role.name));
        let accounts = joined(accounts.map(|a| a.name.to_string()));
        facts.push(("Held by", some(plain(&people, 500))));
        facts.push(("Service accounts", some(plain(&accounts, 500))));
    }
    Ok(facts)
}

async fn change(
    State(web): State<Web>,
    who: SignedIn,
    Path(name): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let rotates = entries.is_set("active");
    let patch = PatchRole {
        description: Some(entries.get("description").trim().to_owned()),
        scopes: Some(words(entries.get("scopes"))),
        may_rotate_itself: Some(rotates),
    };
    let version = entries.get("version").parse().ok();
    match change_role(&web.ctx, who.principal(), &name, patch, version).await {
        Ok(role) => Ok(back(role.name.as_str(), "changed")),
        Err(error) => {
            let form = refused(Form::again(entries), error, &CHANGED)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&web, &who, status, &name, Some((form, rotates)), None).await
        }
    }
}

async fn remove(
    State(web): State<Web>,
    who: SignedIn,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    match remove_role(&web.ctx, who.principal(), &name).await {
        Ok(()) => Ok(Redirect::to("/roles?said=removed").into_response()),
        Err(error @ app::AppError::Conflict { .. }) => {
            let role = get_role(&web.ctx, who.principal(), &name).await?;
            if role.fixed {
                return Err(error.into());
            }
            let scopes = role.grant.words().join("\n");
            let filled = [
                ("description", role.description.as_str()),
                ("scopes", &scopes),
            ];
            let form = refused(Form::filled(&filled), error, &["remove"])?;
            let again = Some((form, role.may_rotate_itself));
            page(&web, &who, StatusCode::CONFLICT, &name, again, None).await
        }
        Err(error) => Err(error.into()),
    }
}
