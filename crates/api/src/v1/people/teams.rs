//! `/v1/teams`: people who answer for credentials together.

use app::people::{CreateTeam, PatchTeam, create_team, get_team, list_teams, patch_team};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::kernel::Instant;
use domain::people::Team;
use http::StatusCode;
use http::header::LOCATION;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, IdempotencyKey, Json, Named, Params, page_of, stated};
use crate::route::{Needs, Route};
use crate::state::Api;
use crate::v1::page::window;
use crate::v1::{IfMatch, LIST, Page, paged, tagged};

/// People who answer for credentials together.
#[derive(Serialize, ToSchema)]
#[schema(as = Team)]
pub struct TeamBody {
    /// `tea_…`.
    pub id: String,
    /// As shown, and how the configuration names it.
    pub name: String,
    /// The team's own mailbox; without one each member is told.
    pub email: Option<String>,
    /// The team that hears when nobody in this one can.
    pub parent: Option<String>,
    /// Ids of the members.
    pub members: Vec<String>,
    /// When the team was added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// What a team shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreateTeam)]
#[serde(deny_unknown_fields)]
pub struct CreateBody {
    /// As shown; unique.
    pub name: String,
    /// The team's own mailbox.
    pub email: Option<String>,
    /// Id or name of the team that hears when nobody in this one can.
    pub parent: Option<String>,
    /// Ids or addresses of persons.
    #[serde(default)]
    pub members: Vec<String>,
}

/// What shall change; a field that is not given stays, `null` empties it where it may
/// be empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PatchTeam)]
#[serde(deny_unknown_fields, default)]
pub struct PatchBody {
    /// As shown.
    #[serde(deserialize_with = "stated")]
    pub name: Option<String>,
    /// The team's own mailbox.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// Id or name of the parent.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub parent: Option<Option<String>>,
    /// All members.
    #[serde(deserialize_with = "stated")]
    pub members: Option<Vec<String>>,
}

/// All calls below `/v1/teams`.
pub fn routes() -> Vec<Route> {
    let write = Needs::Scope("people:write");
    vec![
        Route::get("/v1/teams", Needs::Scope("people:read"), list)
            .says("Lists teams.")
            .takes(LIST)
            .lists::<TeamBody>(),
        Route::post("/v1/teams", write, create)
            .says("Adds a team.")
            .reads::<CreateBody>()
            .answers::<TeamBody>(StatusCode::CREATED),
        Route::get("/v1/teams/{id}", Needs::Scope("people:read"), one)
            .says("Shows a team.")
            .answers::<TeamBody>(StatusCode::OK),
        Route::patch("/v1/teams/{id}", write, change)
            .says("Changes a team.")
            .reads::<PatchBody>()
            .answers::<TeamBody>(StatusCode::OK),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<TeamBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_teams(&api.ctx, &caller).await?;
    Ok(paged(
        window(all, &page, |item| item.id.as_str()),
        &cursors,
        TeamBody::from,
    ))
}

async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let found = get_team(&api.ctx, &caller, &id).await?;
    Ok(tagged(StatusCode::OK, found.version, TeamBody::from(found)))
}

async fn create(
    State(api): State<Api>,
    Caller(caller): Caller,
    key: IdempotencyKey,
    Json { value: body, bytes }: Json<CreateBody>,
) -> Result<Response, Problem> {
    let request = CreateTeam {
        name: body.name,
        email: body.email,
        parent: body.parent,
        members: body.members,
        external_id: None,
        idempotency: key.for_request("POST /v1/teams", &bytes),
    };
    let made = create_team(&api.ctx, &caller, request).await?;
    let location = format!("/v1/teams/{}", made.id);
    let body = tagged(StatusCode::CREATED, made.version, TeamBody::from(made));
    Ok(([(LOCATION, location)], body).into_response())
}

async fn change(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    IfMatch(version): IfMatch,
    Json { value: body, .. }: Json<PatchBody>,
) -> Result<Response, Problem> {
    let patch = PatchTeam {
        name: body.name,
        email: body.email,
        parent: body.parent,
        members: body.members,
        ..PatchTeam::default()
    };
    let changed = patch_team(&api.ctx, &caller, &id, patch, version).await?;
    Ok(tagged(
        StatusCode::OK,
        changed.version,
        TeamBody::from(changed),
    ))
}

impl From<Team> for TeamBody {
    fn from(team: Team) -> Self {
        Self {
            id: team.id.into(),
            name: team.name.into(),
            email: team.email.map(String::from),
            parent: team.parent.map(String::from),
            members: team.members.into_iter().map(String::from).collect(),
            created_at: team.created_at,
        }
    }
}
