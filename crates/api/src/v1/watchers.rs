//! `/v1/watchers`: who hears of all credentials of a kind, such as those with a label.

use app::watches::{CreateWatch, create_watch, list_watches, remove_watch};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::inventory::{Matcher, Watch};
use domain::kernel::Instant;
use http::StatusCode;
use http::header::LOCATION;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::window;
use super::{LIST, Page, paged, tagged};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, IdempotencyKey, Json, Named, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

/// A rule about watchers.
#[derive(Serialize, ToSchema)]
#[schema(as = Watcher)]
pub struct WatcherBody {
    /// `wat_…`.
    pub id: String,
    /// Of which credentials; every condition must fit.
    #[serde(rename = "match")]
    #[schema(value_type = Object)]
    pub matches: Matcher,
    /// Who hears: `person:ID`, `team:ID`, `address:EMAIL`.
    pub notify: Vec<String>,
    /// Who made it.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// What a rule about watchers shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreateWatcher)]
#[serde(deny_unknown_fields)]
pub struct CreateBody {
    /// At least one of `label` (a pattern for each key), `source`, `kind`, `name`, `owner`,
    /// `team`, `scope`, `role` (a pattern with `*`, or a list of them), `used_within`,
    /// `unused_for`.
    #[serde(rename = "match")]
    #[schema(value_type = Object)]
    pub matches: Matcher,
    /// Who hears: `team:NAME`, an address, a person's id. The caller if not given.
    #[serde(default)]
    pub notify: Vec<String>,
}

/// All calls below `/v1/watchers`.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/watchers", Needs::Token, list)
            .says("Lists the rules about watchers that were made here: all with `credentials:read`, otherwise those that tell the caller alone. Those of the configuration stand there.")
            .takes(LIST)
            .lists::<WatcherBody>(),
        Route::post("/v1/watchers", Needs::Token, create)
            .says("Lets somebody hear of every credential that fits, beside those who answer for it. Oneself needs `credentials:read`, others need `credentials:write`.")
            .reads::<CreateBody>()
            .answers::<WatcherBody>(StatusCode::CREATED),
        Route::delete("/v1/watchers/{id}", Needs::Token, remove)
            .says("Removes a rule. One that tells others than the caller needs `credentials:write`.")
            .answers_as(StatusCode::NO_CONTENT, ""),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<WatcherBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_watches(&api.ctx, &caller).await?;
    let shown = window(all, &page, |watch| watch.id.as_str());
    Ok(paged(shown, &cursors, WatcherBody::from))
}

async fn create(
    State(api): State<Api>,
    Caller(caller): Caller,
    key: IdempotencyKey,
    Json { value: body, bytes }: Json<CreateBody>,
) -> Result<Response, Problem> {
    let request = CreateWatch {
        matches: body.matches,
        notify: body.notify,
        idempotency: key.for_request("POST /v1/watchers", &bytes),
    };
    let made = create_watch(&api.ctx, &caller, request).await?;
    let location = format!("/v1/watchers/{}", made.id);
    let body = tagged(StatusCode::CREATED, made.version, WatcherBody::from(made));
    Ok(([(LOCATION, location)], body).into_response())
}

async fn remove(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    remove_watch(&api.ctx, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Watch> for WatcherBody {
    fn from(watch: Watch) -> Self {
        Self {
            id: watch.id.into(),
            matches: watch.rule.matches,
            notify: watch.rule.notify,
            by: watch.by,
            created_at: watch.created_at,
        }
    }
}
