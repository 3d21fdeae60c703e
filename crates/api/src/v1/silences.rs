//! `/v1/silences`: "nothing about these until then".

use app::silences::{CreateSilence, create_silence, end_silence, list_silences};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::expiry::Silence;
use domain::inventory::Matcher;
use domain::kernel::Instant;
use http::StatusCode;
use http::header::LOCATION;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::window;
use super::{LIST, Page, paged, tagged};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, IdempotencyKey, Json, Named, Param, ParamKind, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

const OVER: &[Param] = &[Param::new(
    "over",
    ParamKind::Flag,
    "Also those that are over.",
)];

/// A silence.
#[derive(Serialize, ToSchema)]
#[schema(as = Silence)]
pub struct SilenceBody {
    /// `sil_…`.
    pub id: String,
    /// About which credentials; every condition must fit.
    #[serde(rename = "match")]
    #[schema(value_type = Object)]
    pub matches: Matcher,
    /// From when on.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Instant,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Instant,
    /// Who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// What a silence shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreateSilence)]
#[serde(deny_unknown_fields)]
pub struct CreateBody {
    /// At least one of `source`, `kind`, `name`, `owner`, `team`, `scope`, `role` (a
    /// pattern with `*`, or a list of them), `label` (a pattern for each key),
    /// `used_within`, `unused_for`.
    #[serde(rename = "match")]
    #[schema(value_type = Object)]
    pub matches: Matcher,
    /// From when on; now if not given.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Instant>,
    /// Until when; at most a year.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Instant,
    /// Why.
    pub reason: String,
}

/// All calls below `/v1/silences`.
pub fn routes() -> Vec<Route> {
    let write = Needs::Scope("alerts:write");
    vec![
        Route::get("/v1/silences", Needs::Scope("alerts:read"), list)
            .says("Lists the silences that run or are to come.")
            .takes(LIST)
            .takes(OVER)
            .lists::<SilenceBody>(),
        Route::post("/v1/silences", write, create)
            .says("Keeps back what would be said about some credentials for a while; never the last day before an end.")
            .reads::<CreateBody>()
            .answers::<SilenceBody>(StatusCode::CREATED),
        Route::delete("/v1/silences/{id}", write, end)
            .says("Ends a silence now; what it kept back is said in the next sweep.")
            .answers_as(StatusCode::NO_CONTENT, ""),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<SilenceBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let over = params.flag("over")?.unwrap_or(false);
    let all = list_silences(&api.ctx, &caller, over).await?;
    let shown = window(all, &page, |silence| silence.id.as_str());
    Ok(paged(shown, &cursors, SilenceBody::from))
}

async fn create(
    State(api): State<Api>,
    Caller(caller): Caller,
    key: IdempotencyKey,
    Json { value: body, bytes }: Json<CreateBody>,
) -> Result<Response, Problem> {
    let request = CreateSilence {
        matches: body.matches,
        starts_at: body.starts_at,
        ends_at: body.ends_at,
        reason: body.reason,
        idempotency: key.for_request("POST /v1/silences", &bytes),
    };
    let made = create_silence(&api.ctx, &caller, request).await?;
    let location = format!("/v1/silences/{}", made.id);
    let body = tagged(StatusCode::CREATED, made.version, SilenceBody::from(made));
    Ok(([(LOCATION, location)], body).into_response())
}

async fn end(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    end_silence(&api.ctx, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Silence> for SilenceBody {
    fn from(silence: Silence) -> Self {
        Self {
            id: silence.id.into(),
            matches: silence.matches,
            starts_at: silence.starts_at,
            ends_at: silence.ends_at,
            by: silence.by,
            reason: silence.reason,
            created_at: silence.created_at,
        }
    }
}
