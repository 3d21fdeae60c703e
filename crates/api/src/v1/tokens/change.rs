//! Changing and ending tokens.

use std::collections::BTreeMap;

use app::tokens::{PatchToken, Which, patch_token, revoke_token};
use axum::extract::State;
use axum::response::Response;
use domain::kernel::Span;
use serde::Deserialize;
use utoipa::ToSchema;

use super::list::shown;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Json, Named, stated};
use crate::state::Api;
use crate::v1::IfMatch;

/// What shall change; a field that is not given stays, `null` empties it where it may
/// be empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PatchToken)]
#[serde(deny_unknown_fields, default)]
pub struct PatchBody {
    /// The name.
    #[serde(deserialize_with = "stated")]
    pub name: Option<String>,
    /// All labels.
    #[serde(deserialize_with = "stated")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Id or name of the answering team; `null` takes it away.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub team: Option<Option<String>>,
    /// All watchers, as `person:ID`, `team:ID`, `address:EMAIL`.
    #[serde(deserialize_with = "stated")]
    pub watchers: Option<Vec<String>>,
    /// The first lead time; `null` returns to the policy's.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub lead_time: Option<Option<Span>>,
}

/// `PATCH /v1/tokens/{id}`
pub async fn patch(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    IfMatch(version): IfMatch,
    Json { value: body, .. }: Json<PatchBody>,
) -> Result<Response, Problem> {
    let patch = PatchToken {
        name: body.name,
        labels: body.labels,
        team: body.team,
        watchers: body.watchers,
        lead_time: body.lead_time,
    };
    let item = patch_token(&api.ctx, &caller, &id, patch, version).await?;
    Ok(shown(&api, item))
}

/// `POST /v1/tokens/self/revoke`
pub async fn revoke_own(
    State(api): State<Api>,
    Caller(caller): Caller,
) -> Result<Response, Problem> {
    let item = revoke_token(&api.ctx, &caller, &Which::Own).await?;
    Ok(shown(&api, item))
}

/// `POST /v1/tokens/{id}/revoke`
pub async fn revoke(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let item = revoke_token(&api.ctx, &caller, &Which::Id(id)).await?;
    Ok(shown(&api, item))
}
