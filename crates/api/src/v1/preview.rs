//! `POST /v1/sources/{id}/test`: how a source would be read. Nothing of it is kept.

use std::collections::BTreeMap;

use app::ports::{Preview, PreviewRow};
use app::sources::try_source;
use axum::Json;
use axum::extract::State;
use domain::inventory::{End, Listed};
use domain::kernel::Instant;
use http::header::CACHE_CONTROL;
use http::{HeaderName, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::credentials::{IssuerOwnerBody, PlaceOfUseBody};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::Named;
use crate::route::{Needs, Route};
use crate::state::Api;

/// How the beginning of a source is understood.
#[derive(Serialize, ToSchema)]
#[schema(as = Preview)]
pub struct PreviewBody {
    /// Why it cannot be read; then there are no rows.
    pub error: Option<String>,
    /// What was read, a few rows.
    pub rows: Vec<RowBody>,
    /// What there is to remark; no contents.
    pub remarks: Vec<String>,
    /// Whether that is everything that exists.
    pub complete: bool,
}

/// One row beside what it was made from.
#[derive(Serialize, ToSchema)]
#[schema(as = PreviewRow)]
pub struct RowBody {
    /// As it would be kept.
    pub told: ToldBody,
    /// The fields that are mapped.
    pub raw: Vec<RawBody>,
    /// Names of the fields that are not; their values are never shown.
    pub withheld: Vec<String>,
}

/// A mapped field as the system spells it.
#[derive(Serialize, ToSchema)]
#[schema(as = RawField)]
pub struct RawBody {
    /// Where it stands.
    pub pointer: String,
    /// Its value as text.
    pub value: String,
}

/// A credential as it would be kept.
#[derive(Serialize, ToSchema)]
#[schema(as = ToldCredential)]
pub struct ToldBody {
    /// The issuer's id.
    pub external_id: String,
    /// What that id is unique within.
    pub parent: Option<String>,
    /// The issuer's word for what it is.
    pub kind: String,
    /// As the issuer names it.
    pub name: Option<String>,
    /// The owner as the issuer names it.
    pub owner: Option<IssuerOwnerBody>,
    /// RFC 3339, `never`, or `unknown`.
    pub expires_at: String,
    /// When it was issued.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Instant>,
    /// The latest use.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Instant>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Instant>,
    /// Whether it is disabled for now.
    pub suspended: bool,
    /// What it allows.
    pub scopes: Vec<String>,
    /// The roles it carries.
    pub roles: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Where it is used.
    pub used_by: Vec<PlaceOfUseBody>,
    /// Where it is renewed.
    pub origin_url: Option<String>,
    /// Advice.
    pub advice: Vec<String>,
    /// Whether it is the credential that the source is read with.
    pub own: bool,
}

/// The call that tries a source.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/sources/{id}/test", Needs::Scope("sources:write"), test)
            .says("Reads the beginning of a source and shows how it is understood; keeps nothing.")
            .answers::<PreviewBody>(StatusCode::OK)
            .long(),
    ]
}

async fn test(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<([(HeaderName, &'static str); 1], Json<PreviewBody>), Problem> {
    let tried = try_source(&api.ctx, &caller, &id).await?;
    let body = match tried {
        Ok(preview) => PreviewBody::from(preview),
        Err(error) => PreviewBody {
            error: Some(error.to_string()),
            rows: Vec::new(),
            remarks: Vec::new(),
            complete: false,
        },
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(body)))
}

impl From<Preview> for PreviewBody {
    fn from(preview: Preview) -> Self {
        Self {
            error: None,
            rows: preview.rows.into_iter().map(RowBody::from).collect(),
            remarks: preview.remarks,
            complete: preview.complete,
        }
    }
}

impl From<PreviewRow> for RowBody {
    fn from(row: PreviewRow) -> Self {
        let raw = row.raw.into_iter();
        Self {
            told: ToldBody::from(row.told),
            raw: raw
                .map(|(pointer, value)| RawBody { pointer, value })
                .collect(),
            withheld: row.withheld,
        }
    }
}

impl From<Listed> for ToldBody {
    fn from(told: Listed) -> Self {
        Self {
            expires_at: match told.end {
                End::Known(at) => at.to_string(),
                End::Never => "never".to_owned(),
                End::Unknown => "unknown".to_owned(),
            },
            external_id: told.external_id,
            parent: told.parent,
            kind: told.kind,
            name: told.name.map(String::from),
            owner: told.owner.map(IssuerOwnerBody::from),
            created_at: told.created_at,
            last_used_at: told.last_used_at,
            revoked_at: told.revoked_at,
            suspended: told.suspended,
            scopes: told.scopes,
            roles: told.roles,
            labels: told.labels,
            used_by: told.used_by.into_iter().map(PlaceOfUseBody::from).collect(),
            origin_url: told.origin_url,
            advice: told.advice,
            own: told.own,
        }
    }
}
