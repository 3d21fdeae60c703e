//! `/v1/audit`: who did what, when.

use app::audit::{list_audit, verify_audit};
use app::ports::{AuditFilter, AuditRow};
use axum::Json;
use axum::extract::State;
use domain::kernel::Instant;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::page::{LIST, Page, paged};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Param, ParamKind as Kind, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

/// A row of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditRow)]
pub struct AuditBody {
    /// Rises with each row.
    pub number: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who.
    pub actor: String,
    /// What: `token.issue`, `role.change`, …
    pub action: String,
    /// To what: `token:ID`, `role:NAME`, …
    pub target: String,
    /// Details without secrets.
    pub details: Value,
    /// SHA-256 over the hash before and this row; `null` until chained.
    pub hash: Option<String>,
}

/// What checking the chain found.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditVerdict)]
pub struct VerdictBody {
    /// Whether every chained row fits.
    pub sound: bool,
    /// Rows checked.
    pub rows: u64,
    /// Rows that are not chained yet.
    pub unchained: u64,
    /// The number of the first row whose hash does not fit.
    pub first_bad: Option<i64>,
}

const FILTERS: &[Param] = &[
    Param::new(
        "actor",
        Kind::Text,
        "By somebody whose id, name or address holds this.",
    ),
    Param::new(
        "action",
        Kind::Text,
        "Whose action begins so, such as `token.`.",
    ),
    Param::new(
        "target",
        Kind::Text,
        "Whose target holds this, such as `role:Admin`.",
    ),
    Param::new("from", Kind::Instant, "At this instant or later."),
    Param::new("until", Kind::Instant, "Before this instant."),
];

/// All calls below `/v1/audit`.
pub fn routes() -> Vec<Route> {
    let read = Needs::Scope("audit:read");
    vec![
        Route::get("/v1/audit", read, list)
            .says("Lists the audit log, newest first.")
            .takes(FILTERS)
            .takes(LIST)
            .lists::<AuditBody>(),
        Route::get("/v1/audit/verify", read, verify)
            .says("Checks the chain of hashes from the first row to the last.")
            .answers::<VerdictBody>(StatusCode::OK),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Json<Page<AuditBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let text = |name: &str| params.text(name).map(str::to_owned);
    let filter = AuditFilter {
        actors: text("actor").into_iter().collect(),
        action: text("action"),
        target: text("target"),
        from: params.instant("from")?,
        until: params.instant("until")?,
    };
    let found = list_audit(&api.ctx, &caller, filter, &page).await?;
    Ok(paged(found, &cursors, AuditBody::from))
}

async fn verify(
    State(api): State<Api>,
    Caller(caller): Caller,
) -> Result<Json<VerdictBody>, Problem> {
    let verdict = verify_audit(&api.ctx, &caller).await?;
    Ok(Json(VerdictBody {
        sound: verdict.first_bad.is_none(),
        rows: verdict.rows,
        unchained: verdict.unchained,
        first_bad: verdict.first_bad,
    }))
}

impl From<AuditRow> for AuditBody {
    fn from(row: AuditRow) -> Self {
        Self {
            number: row.number,
            at: row.entry.at,
            actor: row.entry.actor,
            action: row.entry.action,
            target: row.entry.target,
            details: row.entry.details,
            hash: row.hash,
        }
    }
}
