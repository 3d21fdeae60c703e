//! `/v1/roles`: named grants.

use app::roles::{
    CreateRole, PatchRole, change_role, create_role, get_role, grantable_roles, list_roles,
    remove_role,
};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::{OWN_SCOPES, Role};
use http::StatusCode;
use http::header::LOCATION;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::window;
use super::{IfMatch, LIST, Page, paged, tagged};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, IdempotencyKey, Json, Named, Params, page_of, stated};
use crate::route::{Needs, Route};
use crate::state::Api;

/// A role.
#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleBody {
    /// Its name, which is its id.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it allows; `*` is everything.
    pub scopes: Vec<String>,
    /// Of these, the scopes that open Forewarn itself.
    pub opens_forewarn: Vec<String>,
    /// Whether it came with Forewarn and cannot be changed.
    pub fixed: bool,
    /// Whether a token with it may rotate itself.
    pub may_rotate_itself: bool,
}

/// What a new role shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreateRole)]
#[serde(deny_unknown_fields)]
pub struct CreateBody {
    /// 1 to 64 printable ASCII characters; compared exactly.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it allows; `*` is everything.
    pub scopes: Vec<String>,
    /// Whether a token with it may rotate itself; yes if not given.
    pub may_rotate_itself: Option<bool>,
}

/// What shall change; a field that is not given stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PatchRole)]
#[serde(deny_unknown_fields, default)]
pub struct PatchBody {
    /// What it is for.
    #[serde(deserialize_with = "stated")]
    pub description: Option<String>,
    /// All it allows.
    #[serde(deserialize_with = "stated")]
    pub scopes: Option<Vec<String>>,
    /// Whether a token with it may rotate itself.
    #[serde(deserialize_with = "stated")]
    pub may_rotate_itself: Option<bool>,
}

/// All calls below `/v1/roles`.
pub fn routes() -> Vec<Route> {
    let write = Needs::Scope("roles:write");
    let read = Needs::Scope("roles:read");
    vec![
        Route::get("/v1/roles", read, list)
            .says("Lists all roles.")
            .takes(LIST)
            .lists::<RoleBody>(),
        Route::post("/v1/roles", write, create)
            .says("Makes a role; nobody can grant more than they hold.")
            .reads::<CreateBody>()
            .answers::<RoleBody>(StatusCode::CREATED),
        Route::get("/v1/roles/grantable", Needs::Token, grantable)
            .says("Lists the roles that the caller may put on a token.")
            .takes(LIST)
            .lists::<RoleBody>(),
        Route::get("/v1/roles/{name}", read, one)
            .says("Shows one role.")
            .answers::<RoleBody>(StatusCode::OK),
        Route::patch("/v1/roles/{name}", write, change)
            .says("Changes a role, for everybody who carries it.")
            .reads::<PatchBody>()
            .answers::<RoleBody>(StatusCode::OK),
        Route::delete("/v1/roles/{name}", write, remove)
            .says("Removes a role that nobody carries.")
            .answers_as(StatusCode::NO_CONTENT, ""),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<RoleBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_roles(&api.ctx, &caller).await?;
    let shown = window(all, &page, |role| role.name.as_str());
    Ok(paged(shown, &cursors, RoleBody::from))
}

async fn grantable(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<RoleBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = grantable_roles(&api.ctx, &caller).await?;
    let shown = window(all, &page, |role| role.name.as_str());
    Ok(paged(shown, &cursors, RoleBody::from))
}

async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(name): Named,
) -> Result<Response, Problem> {
    let role = get_role(&api.ctx, &caller, &name).await?;
    Ok(tagged(StatusCode::OK, role.version, RoleBody::from(role)))
}

async fn create(
    State(api): State<Api>,
    Caller(caller): Caller,
    key: IdempotencyKey,
    Json { value: body, bytes }: Json<CreateBody>,
) -> Result<Response, Problem> {
    let request = CreateRole {
        name: body.name,
        description: body.description,
        scopes: body.scopes,
        may_rotate_itself: body.may_rotate_itself,
        idempotency: key.for_request("POST /v1/roles", &bytes),
    };
    let role = create_role(&api.ctx, &caller, request).await?;
    let name: String =
        url::form_urlencoded::byte_serialize(role.name.as_str().as_bytes()).collect();
    let location = format!("/v1/roles/{}", name.replace('+', "%20"));
    let body = tagged(StatusCode::CREATED, role.version, RoleBody::from(role));
    Ok(([(LOCATION, location)], body).into_response())
}

async fn change(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(name): Named,
    IfMatch(version): IfMatch,
    Json { value: body, .. }: Json<PatchBody>,
) -> Result<Response, Problem> {
    let patch = PatchRole {
        description: body.description,
        scopes: body.scopes,
        may_rotate_itself: body.may_rotate_itself,
    };
    let role = change_role(&api.ctx, &caller, &name, patch, version).await?;
    Ok(tagged(StatusCode::OK, role.version, RoleBody::from(role)))
}

async fn remove(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    remove_role(&api.ctx, &caller, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        let opening = OWN_SCOPES
            .into_iter()
            .filter(|scope| role.grant.holds(scope));
        Self {
            opens_forewarn: opening.map(str::to_owned).collect(),
            scopes: role.grant.words(),
            name: role.name.into(),
            description: role.description,
            fixed: role.fixed,
            may_rotate_itself: role.may_rotate_itself,
        }
    }
}
