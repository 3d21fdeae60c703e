//! `/v1/sources`: the systems whose credentials are watched.

use app::ports::SourceState;
use app::sources::{forget_source, list_sources, request_sync};
use axum::Json;
use axum::extract::State;
use domain::kernel::Instant;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::page::{LIST, Page, paged, window};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Named, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

/// How a source does.
#[derive(Serialize, ToSchema)]
#[schema(as = Source)]
pub struct SourceBody {
    /// The key of its table in the configuration.
    pub id: String,
    /// `foundry`, …
    pub system: String,
    /// `ok`, `failing`, or `new` before the first read went through.
    pub state: &'static str,
    /// When the last read began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub attempted_at: Option<Instant>,
    /// When a read last went through without error.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub succeeded_at: Option<Instant>,
    /// When a read last saw everything.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub complete_at: Option<Instant>,
    /// Since when it fails.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failing_since: Option<Instant>,
    /// Why it fails.
    pub failing: Option<String>,
    /// Lines or items read in all.
    pub read: u64,
    /// Of these, unreadable.
    pub unreadable: u64,
    /// What the last read remarked.
    pub remarks: Vec<String>,
}

/// All calls below `/v1/sources`.
pub fn routes() -> Vec<Route> {
    let write = Needs::Scope("sources:write");
    vec![
        Route::get("/v1/sources", Needs::Scope("sources:read"), list)
            .says("Lists the sources and how they do.")
            .takes(LIST)
            .lists::<SourceBody>(),
        Route::delete("/v1/sources/{id}", write, forget)
            .says("Forgets a source that the configuration no longer names, with its credentials.")
            .answers_as(StatusCode::NO_CONTENT, ""),
        Route::post("/v1/sources/{id}/sync", write, sync)
            .says("Has a source read now; the answer does not wait for it.")
            .answers::<SourceBody>(StatusCode::ACCEPTED),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Json<Page<SourceBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_sources(&api.ctx, &caller).await?;
    let shown = window(all, &page, |source| source.id.as_str());
    Ok(paged(shown, &cursors, SourceBody::from))
}

async fn sync(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<(StatusCode, Json<SourceBody>), Problem> {
    let state = request_sync(&api.ctx, &caller, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(SourceBody::from(state))))
}

async fn forget(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    forget_source(&api.ctx, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<SourceState> for SourceBody {
    fn from(source: SourceState) -> Self {
        let (failing_since, failing) = source.failing.unzip();
        Self {
            state: match (&failing, source.succeeded_at) {
                (Some(_), _) => "failing",
                (None, None) => "new",
                (None, Some(_)) => "ok",
            },
            id: source.id.into(),
            system: source.system,
            attempted_at: source.attempted_at,
            succeeded_at: source.succeeded_at,
            complete_at: source.complete_at,
            failing_since,
            failing,
            read: source.read,
            unreadable: source.unreadable,
            remarks: source.remarks,
        }
    }
}
