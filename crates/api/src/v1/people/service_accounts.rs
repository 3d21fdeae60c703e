//! `/v1/service-accounts`: owners that are programs.

use app::people::{
    CreateServiceAccount, PatchServiceAccount, create_service_account, get_service_account,
    list_service_accounts, patch_service_account,
};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::kernel::Instant;
use domain::people::ServiceAccount;
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

/// An account for a program; its team hears for it.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceAccount)]
pub struct ServiceAccountBody {
    /// `sva_…`.
    pub id: String,
    /// As shown; unique.
    pub name: String,
    /// The responsible team: `tea_…`.
    pub team: Option<String>,
    /// What it may do: the ceiling of its tokens.
    pub roles: Vec<String>,
    /// False once disabled.
    pub active: bool,
    /// When the account was added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// What a service account shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreateServiceAccount)]
#[serde(deny_unknown_fields)]
pub struct CreateBody {
    /// As shown; unique.
    pub name: String,
    /// Id or name of the responsible team.
    pub team: Option<String>,
    /// What it may do: the ceiling of its tokens.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// What shall change; a field that is not given stays, `null` empties it where it may
/// be empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PatchServiceAccount)]
#[serde(deny_unknown_fields, default)]
pub struct PatchBody {
    /// As shown.
    #[serde(deserialize_with = "stated")]
    pub name: Option<String>,
    /// Id or name of the responsible team.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub team: Option<Option<String>>,
    /// All roles.
    #[serde(deserialize_with = "stated")]
    pub roles: Option<Vec<String>>,
    /// False disables.
    #[serde(deserialize_with = "stated")]
    pub active: Option<bool>,
}

/// All calls below `/v1/service-accounts`.
pub fn routes() -> Vec<Route> {
    let write = Needs::Scope("people:write");
    vec![
        Route::get("/v1/service-accounts", Needs::Scope("people:read"), list)
            .says("Lists service accounts.")
            .takes(LIST)
            .lists::<ServiceAccountBody>(),
        Route::post("/v1/service-accounts", write, create)
            .says("Adds a service account.")
            .reads::<CreateBody>()
            .answers::<ServiceAccountBody>(StatusCode::CREATED),
        Route::get("/v1/service-accounts/{id}", Needs::Token, one)
            .says("Shows a service account.")
            .answers::<ServiceAccountBody>(StatusCode::OK),
        Route::patch("/v1/service-accounts/{id}", write, change)
            .says("Changes a service account; `active: false` stops its tokens at once until it is enabled.")
            .reads::<PatchBody>()
            .answers::<ServiceAccountBody>(StatusCode::OK),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<ServiceAccountBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_service_accounts(&api.ctx, &caller).await?;
    Ok(paged(
        window(all, &page, |item| item.id.as_str()),
        &cursors,
        ServiceAccountBody::from,
    ))
}

async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let found = get_service_account(&api.ctx, &caller, &id).await?;
    Ok(tagged(
        StatusCode::OK,
        found.version,
        ServiceAccountBody::from(found),
    ))
}

async fn create(
    State(api): State<Api>,
    Caller(caller): Caller,
    key: IdempotencyKey,
    Json { value: body, bytes }: Json<CreateBody>,
) -> Result<Response, Problem> {
    let request = CreateServiceAccount {
        name: body.name,
        team: body.team,
        roles: body.roles,
        idempotency: key.for_request("POST /v1/service-accounts", &bytes),
    };
    let made = create_service_account(&api.ctx, &caller, request).await?;
    let location = format!("/v1/service-accounts/{}", made.id);
    let body = tagged(
        StatusCode::CREATED,
        made.version,
        ServiceAccountBody::from(made),
    );
    Ok(([(LOCATION, location)], body).into_response())
}

async fn change(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    IfMatch(version): IfMatch,
    Json { value: body, .. }: Json<PatchBody>,
) -> Result<Response, Problem> {
    let patch = PatchServiceAccount {
        name: body.name,
        team: body.team,
        roles: body.roles,
        active: body.active,
    };
    let changed = patch_service_account(&api.ctx, &caller, &id, patch, version).await?;
    Ok(tagged(
        StatusCode::OK,
        changed.version,
        ServiceAccountBody::from(changed),
    ))
}

impl From<ServiceAccount> for ServiceAccountBody {
    fn from(account: ServiceAccount) -> Self {
        Self {
            id: account.id.into(),
            name: account.name.into(),
            team: account.team.map(String::from),
            roles: account.roles.into_iter().map(String::from).collect(),
            active: account.active,
            created_at: account.created_at,
        }
    }
}
