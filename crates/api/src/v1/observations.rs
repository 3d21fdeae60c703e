//! `POST /v1/sources/{id}/observations`: another program pushes what it knows.

use app::reconcile::{PushError, PushReport, Pushed, push_observations};
use axum::Json;
use axum::extract::{Request, State};
use domain::kernel::SourceId;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::guard::Caller;
use crate::problem::{Kind, Problem};
use crate::request::{Named, Param, ParamKind, Params, limited, require_type};
use crate::route::{Needs, Route};
use crate::state::Api;

/// What may stand as `Content-Type`; the first is the one to recommend.
const NDJSON: &[&str] = &[
    "application/x-ndjson",
    "application/ndjson",
    "application/json",
];

const PARAMS: &[Param] = &[
    Param::new(
        "snapshot",
        ParamKind::Word(&["complete"]),
        "`complete`: the body lists everything that exists; what two of these lack is gone.",
    ),
    Param::new(
        "check",
        ParamKind::Flag,
        "`true`: keeps nothing, and names every line that cannot be read.",
    ),
];

/// What became of the lines; `lines` is the sum of the next three.
#[derive(Serialize, ToSchema)]
#[schema(as = PushReport)]
pub struct PushBody {
    /// Lines that are not blank.
    pub lines: u64,
    /// Lines that told of a credential.
    pub accepted: u64,
    /// Lines that can be read and tell of none.
    pub skipped: u64,
    /// Lines that cannot be read; they stop nothing.
    pub unreadable: u64,
    /// The first of these.
    pub errors: Vec<LineError>,
}

/// A line that cannot be read.
#[derive(Serialize, ToSchema)]
pub struct LineError {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it; no contents.
    pub detail: String,
}

/// The call that takes pushes. A connector token needs no scope for its own source, so
/// that the use case decides.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/sources/{id}/observations", Needs::Token, push)
            .says("Takes NDJSON, one observation a line: credentials, or events in the form of the source's system. Needs `observations:write` or the connector token of this source.")
            .takes(PARAMS)
            .reads_as("application/x-ndjson")
            .answers::<PushBody>(StatusCode::OK)
            .long(),
    ]
}

async fn push(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    params: Params,
    request: Request,
) -> Result<Json<PushBody>, Problem> {
    // Nobody who may not push has megabytes read on their behalf.
    if caller.ingest_source.is_none() && !caller.grant.holds("observations:write") {
        return Err(Problem::lacks("observations:write"));
    }
    let unknown = |_| Problem::new(Kind::NotFound, "there is no source of this id");
    let source = SourceId::parse(id).map_err(unknown)?;
    let pushed = match params.text("snapshot") {
        _ if params.flag("check")? == Some(true) => Pushed::Check,
        None => Pushed::Part,
        Some("complete") => Pushed::Complete,
        Some(_) => return Err(Problem::parameter("snapshot", "`complete` is wanted")),
    };
    let (parts, body) = request.into_parts();
    require_type(&parts.headers, NDJSON)?;
    let body = limited(&parts.headers, body, api.options.push_bytes_max)?;
    let report = push_observations(&api.ctx, &caller, &source, body, pushed).await;
    match report {
        Ok(report) => Ok(Json(PushBody::from(report))),
        Err(PushError::App(error)) => Err(error.into()),
        Err(PushError::Body(problem)) => Err(problem),
    }
}

impl From<PushReport> for PushBody {
    fn from(report: PushReport) -> Self {
        let errors = report.errors.into_iter();
        Self {
            lines: report.lines,
            accepted: report.accepted,
            skipped: report.skipped,
            unreadable: report.unreadable,
            errors: errors
                .map(|(line, detail)| LineError { line, detail })
                .collect(),
        }
    }
}
