//! `/scim/v2/Groups`: teams.

use app::people::{PatchTeam, admit_team, dismiss_team, keep_team, provisioned};
use axum::extract::State;
use domain::people::{Directory, Team};
use http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Document, Made};
use super::attribute::{get, text};
use super::list::list;
use super::query::{Posted, Window, narrow};
use super::resource::{base, kept, meta, without_nothing};
use super::{LISTED, MEDIA_TYPE, NEEDS, SHOWN, patch};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Named, Params};
use crate::route::Route;
use crate::state::Api;

pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ALL: &str = "/scim/v2/Groups";
const ONE: &str = "/scim/v2/Groups/{id}";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, NEEDS, find)
            .says("Lists teams as SCIM groups.")
            .takes(LISTED)
            .takes(SHOWN)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::post(ALL, NEEDS, create)
            .says("Adds a team; one of this name that was taken away before comes back.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::CREATED, MEDIA_TYPE),
        Route::get(ONE, NEEDS, one)
            .says("Shows a team as a SCIM group.")
            .takes(SHOWN)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::put(ONE, NEEDS, replace)
            .says("Replaces what is given of a team; what is not mentioned stays.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::patch(ONE, NEEDS, change)
            .says("Changes a team: its name, its members.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::delete(ONE, NEEDS, remove)
            .says("Takes a team away: without members and no longer listed here.")
            .answers_as(StatusCode::NO_CONTENT, ""),
    ]
}

async fn find(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
) -> Result<Document, Problem> {
    let window = Window::of(&params)?;
    let directory = provisioned(&api.ctx, &caller).await?;
    let base = base(&api.ctx);
    let all = directory.teams.values();
    let all = all.map(|team| show(team, &directory, &base));
    Ok(Document(list(all, &window, &params)))
}

async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    params: Params,
) -> Result<Document, Problem> {
    let directory = provisioned(&api.ctx, &caller).await?;
    let found = directory.teams.values().find(|t| t.id.as_str() == id);
    let team = found.ok_or_else(|| app::AppError::not_found("a group of this id"))?;
    let mut document = show(team, &directory, &base(&api.ctx));
    narrow(&mut document, &params);
    Ok(Document(document))
}

async fn create(
    State(api): State<Api>,
    Caller(caller): Caller,
    Posted(body): Posted,
) -> Result<Made, Problem> {
    let team = admit_team(&api.ctx, &caller, read(&body, true)?).await?;
    let directory = provisioned(&api.ctx, &caller).await?;
    Ok(Made(show(&team, &directory, &base(&api.ctx))))
}

async fn replace(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    Posted(body): Posted,
) -> Result<Document, Problem> {
    let decide = |_: &Team, _: &Directory| read(&body, false);
    let team = keep_team(&api.ctx, &caller, &id, decide).await?;
    let directory = provisioned(&api.ctx, &caller).await?;
    Ok(Document(show(&team, &directory, &base(&api.ctx))))
}

async fn change(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    Posted(body): Posted,
) -> Result<Document, Problem> {
    let base = base(&api.ctx);
    let decide = |before: &Team, directory: &Directory| {
        let mut document = show(before, directory, &base);
        patch::apply(&mut document, &body)?;
        read(&document, false)
    };
    let team = keep_team(&api.ctx, &caller, &id, decide).await?;
    let directory = provisioned(&api.ctx, &caller).await?;
    Ok(Document(show(&team, &directory, &base)))
}

async fn remove(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    dismiss_team(&api.ctx, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A team as a document.
fn show(team: &Team, directory: &Directory, base: &str) -> Value {
    let location = format!("{base}/Groups/{}", team.id);
    let members = team
        .members
        .iter()
        .filter_map(|id| directory.persons.get(id));
    let members = members.map(|person| {
        json!({
            "value": person.id,
            "$ref": format!("{base}/Users/{}", person.id),
        })
    });
    without_nothing(json!({
        "schemas": [SCHEMA],
        "id": team.id,
        "externalId": team.external_id,
        "displayName": team.name,
        "members": members.collect::<Vec<Value>>(),
        "meta": meta("Group", &location, team.created_at),
    }))
}

/// What a document wants of a team; what it does not mention stays.
fn read(document: &Value, is_new: bool) -> Result<PatchTeam, Problem> {
    let name = match get(document, "displayName") {
        None if !is_new => None,
        _ => {
            let wrong = || Problem::field("/displayName", "must be a text that is not empty");
            Some(text(document, "displayName").ok_or_else(wrong)?.to_owned())
        }
    };
    let external_id = match (get(document, "externalId"), text(document, "externalId")) {
        (None, _) => None,
        (_, None) => Some(None),
        (_, Some(text)) => {
            let wrong = || {
                Problem::field(
                    "/externalId",
                    "may have 255 bytes without control characters",
                )
            };
            Some(Some(kept(text).ok_or_else(wrong)?))
        }
    };
    Ok(PatchTeam {
        name,
        external_id,
        members: get(document, "members").map(members).transpose()?,
        ..PatchTeam::default()
    })
}

fn members(given: &Value) -> Result<Vec<String>, Problem> {
    let items = given.as_array().map(Vec::as_slice).unwrap_or_default();
    let named = |item: &Value| {
        let id = item.as_str().or_else(|| text(item, "value"));
        let wrong = || Problem::field("/members", "each member needs a `value`, the id of a user");
        id.map(str::to_owned).ok_or_else(wrong)
    };
    items.iter().map(named).collect()
}
