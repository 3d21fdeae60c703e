//! Does it run, can it serve, and what works only in part?

use app::health::{Health, health};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::Api;

/// Whether the server can serve.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
pub struct ReadyBody {
    /// `ready`, `degraded`, or, with 503, `unavailable`.
    pub status: &'static str,
    /// What works only in part: `no_channel`, `no_recipient`, `channel_failing`,
    /// `source_failing`, `sweep_stale`, `stalled`, `feed_stale`, `store_full`.
    pub degraded: Vec<&'static str>,
}

/// `GET /livez`
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`
pub async fn ready(State(api): State<Api>) -> Response {
    let Health { serves, degraded } = health(&api.ctx).await;
    let (code, status) = match (serves, degraded.is_empty()) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        (true, true) => (StatusCode::OK, "ready"),
        (true, false) => (StatusCode::OK, "degraded"),
    };
    let degraded = degraded.into_iter().map(app::Degradation::as_str).collect();
    (code, Json(ReadyBody { status, degraded })).into_response()
}
