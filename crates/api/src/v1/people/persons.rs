//! `/v1/people`: those who own credentials and are told of their end.

use app::people::{
    CreatePerson, PatchPerson, create_person, get_person, list_people, patch_person,
};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::kernel::Instant;
use domain::people::{Person, Provisioned};
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

/// Somebody who can own credentials and be told of their end.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
pub struct PersonBody {
    /// `per_…`.
    pub id: String,
    /// As shown.
    pub name: String,
    /// Where to write.
    pub email: Option<String>,
    /// An address that the person typed and has not confirmed; only the question goes there.
    pub unconfirmed_email: Option<String>,
    /// IANA name; `null` means UTC.
    pub time_zone: Option<String>,
    /// How dates are written, such as `de-AT`; `null` means the plain form.
    pub locale: Option<String>,
    /// What the person may do here.
    pub roles: Vec<String>,
    /// False once deactivated.
    pub active: bool,
    /// When the person leaves.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub leaves_at: Option<Instant>,
    /// When a message last bounced for good.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub bounced_at: Option<Instant>,
    /// When the person was added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// What a person shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreatePerson)]
#[serde(deny_unknown_fields)]
pub struct CreateBody {
    /// As shown.
    pub name: String,
    /// Where to write; unique without regard to case.
    pub email: Option<String>,
    /// IANA name such as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// How dates are written: a tag such as `de-AT`.
    pub locale: Option<String>,
    /// What the person may do here.
    #[serde(default)]
    pub roles: Vec<String>,
    /// When the person leaves; ends own tokens too.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub leaves_at: Option<Instant>,
}

/// What shall change; a field that is not given stays, `null` empties it where it may
/// be empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PatchPerson)]
#[serde(deny_unknown_fields, default)]
pub struct PatchBody {
    /// As shown.
    #[serde(deserialize_with = "stated")]
    pub name: Option<String>,
    /// Where to write; a changed address counts as reachable again.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// IANA name.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<Option<String>>,
    /// How dates are written: a tag such as `de-AT`.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub locale: Option<Option<String>>,
    /// All roles.
    #[serde(deserialize_with = "stated")]
    pub roles: Option<Vec<String>>,
    /// False deactivates.
    #[serde(deserialize_with = "stated")]
    pub active: Option<bool>,
    /// When the person leaves.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub leaves_at: Option<Option<Instant>>,
}

/// All calls below `/v1/people`.
pub fn routes() -> Vec<Route> {
    let write = Needs::Scope("people:write");
    vec![
        Route::get("/v1/people", Needs::Scope("people:read"), list)
            .says("Lists people.")
            .takes(LIST)
            .lists::<PersonBody>(),
        Route::post("/v1/people", write, create)
            .says("Adds a person.")
            .reads::<CreateBody>()
            .answers::<PersonBody>(StatusCode::CREATED),
        Route::get("/v1/people/{id}", Needs::Token, one)
            .says("Shows a person.")
            .answers::<PersonBody>(StatusCode::OK),
        Route::patch("/v1/people/{id}", write, change)
            .says("Changes a person; `active: false` stops own tokens at once until they return.")
            .reads::<PatchBody>()
            .answers::<PersonBody>(StatusCode::OK),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<PersonBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_people(&api.ctx, &caller).await?;
    Ok(paged(
        window(all, &page, |item| item.id.as_str()),
        &cursors,
        PersonBody::from,
    ))
}

async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let found = get_person(&api.ctx, &caller, &id).await?;
    Ok(tagged(
        StatusCode::OK,
        found.version,
        PersonBody::from(found),
    ))
}

async fn create(
    State(api): State<Api>,
    Caller(caller): Caller,
    key: IdempotencyKey,
    Json { value: body, bytes }: Json<CreateBody>,
) -> Result<Response, Problem> {
    let request = CreatePerson {
        name: body.name,
        email: body.email,
        time_zone: body.time_zone,
        locale: body.locale,
        roles: body.roles,
        leaves_at: body.leaves_at,
        is_inactive: false,
        provisioned: Provisioned::default(),
        idempotency: key.for_request("POST /v1/people", &bytes),
    };
    let made = create_person(&api.ctx, &caller, request).await?;
    let location = format!("/v1/people/{}", made.id);
    let body = tagged(StatusCode::CREATED, made.version, PersonBody::from(made));
    Ok(([(LOCATION, location)], body).into_response())
}

async fn change(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    IfMatch(version): IfMatch,
    Json { value: body, .. }: Json<PatchBody>,
) -> Result<Response, Problem> {
    let patch = PatchPerson {
        name: body.name,
        email: body.email,
        time_zone: body.time_zone,
        roles: body.roles,
        active: body.active,
        leaves_at: body.leaves_at,
        locale: body.locale,
        provisioned: None,
    };
    let changed = patch_person(&api.ctx, &caller, &id, patch, version).await?;
    Ok(tagged(
        StatusCode::OK,
        changed.version,
        PersonBody::from(changed),
    ))
}

impl From<Person> for PersonBody {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.into(),
            name: person.name.into(),
            email: person.email.map(String::from),
            unconfirmed_email: person.claimed.map(|claimed| claimed.email.into()),
            time_zone: person.time_zone,
            locale: person.locale,
            roles: person.roles.into_iter().map(String::from).collect(),
            active: person.active,
            leaves_at: person.leaves_at,
            bounced_at: person.bounced_at,
            created_at: person.created_at,
        }
    }
}
