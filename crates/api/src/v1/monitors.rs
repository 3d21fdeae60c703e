//! `/v1/monitors`: integrations that report in, and are missed when they do not.

use app::monitors::{
    CreateMonitor, MonitorItem, PatchMonitor, create_monitor, get_monitor, list_monitors,
    patch_monitor, remove_monitor,
};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::kernel::{Instant, Span};
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

/// An integration that reports in.
#[derive(Serialize, ToSchema)]
#[schema(as = Monitor)]
pub struct MonitorBody {
    /// `mon_…`.
    pub id: String,
    /// As shown.
    pub name: String,
    /// `new`, `up`, `late`, `silent`, `failed` or `paused`.
    pub state: &'static str,
    /// How often it reports in.
    #[schema(value_type = String)]
    pub period: Span,
    /// How late it may be.
    #[schema(value_type = String)]
    pub grace: Span,
    /// The accountable one: `per_…` or `sva_…`.
    pub owner: Option<String>,
    /// The answering team: `tea_…`.
    pub team: Option<String>,
    /// The credentials whose lapse would stop it.
    pub depends_on: Vec<String>,
    /// Where it reports in, by `GET` or `POST`. Its last part is a secret: whoever knows
    /// it can report in.
    pub ping_url: Option<String>,
    /// When it was set up.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it was last heard.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_ping_at: Option<Instant>,
    /// When it last said that it failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failed_at: Option<Instant>,
    /// When it is missed if it is not heard until then; `null` while it is paused.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub missed_after: Option<Instant>,
    /// How often it was heard.
    pub pings: u64,
}

/// What a new monitor shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreateMonitor)]
#[serde(deny_unknown_fields)]
pub struct CreateBody {
    /// As shown.
    pub name: String,
    /// How often it reports in, such as `1d`: a minute to 366 days.
    #[schema(value_type = String)]
    pub period: Span,
    /// How late it may be; a fifth of the period, at least five minutes, if not given.
    #[schema(value_type = Option<String>)]
    pub grace: Option<Span>,
    /// Id, name or address of the accountable one; the caller's own owner if not given.
    pub owner: Option<String>,
    /// Id or name of the answering team.
    pub team: Option<String>,
    /// The credentials whose lapse would stop it, each by its id or its exact name.
    #[serde(default)]
    pub depends_on: Vec<String>,
}

/// What shall change; a field that is not given stays, `null` empties it where it may
/// be empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PatchMonitor)]
#[serde(deny_unknown_fields, default)]
pub struct PatchBody {
    /// As shown.
    #[serde(deserialize_with = "stated")]
    pub name: Option<String>,
    /// How often it reports in.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub period: Option<Span>,
    /// How late it may be.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub grace: Option<Span>,
    /// Id, name or address of the accountable one.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub owner: Option<Option<String>>,
    /// Id or name of the answering team.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub team: Option<Option<String>>,
    /// All credentials whose lapse would stop it.
    #[serde(deserialize_with = "stated")]
    pub depends_on: Option<Vec<String>>,
    /// True: nobody misses it; false: its silence counts from now on.
    #[serde(deserialize_with = "stated")]
    pub paused: Option<bool>,
}

/// All calls below `/v1/monitors`.
pub fn routes() -> Vec<Route> {
    let any = Needs::Token;
    vec![
        Route::get("/v1/monitors", any, list)
            .says("Lists monitors; without `alerts:read` one's own and one's teams'.")
            .takes(LIST)
            .lists::<MonitorBody>(),
        Route::post("/v1/monitors", any, create)
            .says("Sets up a monitor; for others than oneself and one's own team with `alerts:write`.")
            .reads::<CreateBody>()
            .answers::<MonitorBody>(StatusCode::CREATED),
        Route::get("/v1/monitors/{id}", any, one)
            .says("Shows a monitor.")
            .answers::<MonitorBody>(StatusCode::OK),
        Route::patch("/v1/monitors/{id}", any, change)
            .says("Changes a monitor; `paused: true` misses it no longer.")
            .reads::<PatchBody>()
            .answers::<MonitorBody>(StatusCode::OK),
        Route::delete("/v1/monitors/{id}", any, remove)
            .says("Removes a monitor; its address works no longer.")
            .answers_as(StatusCode::NO_CONTENT, ""),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<MonitorBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_monitors(&api.ctx, &caller).await?;
    let shown = window(all, &page, |item| item.monitor.id.as_str());
    Ok(paged(shown, &cursors, MonitorBody::from))
}

async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let found = get_monitor(&api.ctx, &caller, &id).await?;
    Ok(shown(StatusCode::OK, found))
}

async fn create(
    State(api): State<Api>,
    Caller(caller): Caller,
    key: IdempotencyKey,
    Json { value: body, bytes }: Json<CreateBody>,
) -> Result<Response, Problem> {
    let request = CreateMonitor {
        name: body.name,
        period: body.period,
        grace: body.grace,
        owner: body.owner,
        team: body.team,
        depends_on: body.depends_on,
        idempotency: key.for_request("POST /v1/monitors", &bytes),
    };
    let made = create_monitor(&api.ctx, &caller, request).await?;
    let location = format!("/v1/monitors/{}", made.monitor.id);
    let body = shown(StatusCode::CREATED, made);
    Ok(([(LOCATION, location)], body).into_response())
}

async fn change(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    IfMatch(version): IfMatch,
    Json { value: body, .. }: Json<PatchBody>,
) -> Result<Response, Problem> {
    let patch = PatchMonitor {
        name: body.name,
        period: body.period,
        grace: body.grace,
        owner: body.owner,
        team: body.team,
        depends_on: body.depends_on,
        paused: body.paused,
    };
    let changed = patch_monitor(&api.ctx, &caller, &id, patch, version).await?;
    Ok(shown(StatusCode::OK, changed))
}

async fn remove(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    remove_monitor(&api.ctx, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(status: StatusCode, item: MonitorItem) -> Response {
    tagged(status, item.monitor.version, MonitorBody::from(item))
}

impl From<MonitorItem> for MonitorBody {
    fn from(item: MonitorItem) -> Self {
        let monitor = item.monitor;
        Self {
            state: item.pulse.as_str(),
            ping_url: item.ping_url,
            missed_after: item.missed_after,
            id: monitor.id.into(),
            name: monitor.name.into(),
            period: monitor.period,
            grace: monitor.grace,
            owner: monitor.owner.map(|o| o.to_string()),
            team: monitor.team.map(String::from),
            depends_on: monitor.depends_on.into_iter().map(String::from).collect(),
            created_at: monitor.created_at,
            last_ping_at: monitor.last_ping_at,
            failed_at: monitor.failed_at,
            pings: monitor.pings,
        }
    }
}
