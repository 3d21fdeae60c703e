//! `/scim/v2/Groups`: teams.

use app::people::{PatchTeam, admit_team, dismiss_team, keep_team};
use app::{AppError, Context, Principal};
use domain::people::{Directory, Team};
use http::StatusCode;
use serde_json::{Value, json};

use super::attribute::{get, text};
use super::calls::{self, Resource};
use super::resource::{changed_text, meta, without_nothing};
use super::{LISTED, MEDIA_TYPE, NEEDS, SHOWN};
use crate::problem::Problem;
use crate::route::Route;

pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ALL: &str = "/scim/v2/Groups";
const ONE: &str = "/scim/v2/Groups/{id}";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, NEEDS, calls::find::<Team>)
            .says("Lists teams as SCIM groups.")
            .takes(LISTED)
            .takes(SHOWN)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::post(ALL, NEEDS, calls::create::<Team>)
            .says("Adds a team; one of this name that was taken away before comes back.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::CREATED, MEDIA_TYPE),
        Route::get(ONE, NEEDS, calls::one::<Team>)
            .says("Shows a team as a SCIM group.")
            .takes(SHOWN)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::put(ONE, NEEDS, calls::replace::<Team>)
            .says("Replaces what is given of a team; what is not mentioned stays.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::patch(ONE, NEEDS, calls::change::<Team>)
            .says("Changes a team: its name, its members.")
            .reads_as(MEDIA_TYPE)
            .answers_as(StatusCode::OK, MEDIA_TYPE),
        Route::delete(ONE, NEEDS, calls::remove::<Team>)
            .says("Takes a team away: without members and no longer listed here.")
            .answers_as(StatusCode::NO_CONTENT, ""),
    ]
}

impl Resource for Team {
    type Wish = PatchTeam;

    const UNKNOWN: &'static str = "a group of this id";

    fn all(directory: &Directory) -> impl Iterator<Item = &Self> {
        directory.teams.values()
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn show(&self, directory: &Directory, base: &str) -> Value {
        show(self, directory, base)
    }

    fn read(document: &Value, before: Option<&Self>) -> Result<Self::Wish, Problem> {
        read(document, before.is_none())
    }

    async fn admit(ctx: &Context, caller: &Principal, wish: PatchTeam) -> Result<Self, AppError> {
        admit_team(ctx, caller, wish).await
    }

    async fn keep(
        ctx: &Context,
        caller: &Principal,
        id: &str,
        decide: impl Fn(&Self, &Directory) -> Result<PatchTeam, Problem> + Send + Sync,
    ) -> Result<Self, Problem> {
        keep_team(ctx, caller, id, decide).await
    }

    async fn dismiss(ctx: &Context, caller: &Principal, id: &str) -> Result<(), AppError> {
        dismiss_team(ctx, caller, id).await
    }
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
    Ok(PatchTeam {
        name,
        external_id: changed_text(document, "externalId")?,
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
