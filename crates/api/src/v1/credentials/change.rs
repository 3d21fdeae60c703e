//! Saying who answers for a credential.

use std::collections::BTreeMap;

use app::credentials::{PatchCredential, patch_credential};
use axum::extract::State;
use axum::response::Response;
use domain::inventory::PlaceOfUse;
use domain::kernel::Span;
use serde::Deserialize;
use utoipa::ToSchema;

use super::item::PlaceOfUseBody;
use super::list::shown;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Json, Named, stated};
use crate::state::Api;
use crate::v1::IfMatch;

/// What shall change; a field that is not given stays, `null` empties it where it may
/// be empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = PatchCredential)]
#[serde(deny_unknown_fields, default)]
pub struct PatchBody {
    /// Id, name or address of the owner.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub owner: Option<Option<String>>,
    /// Id or name of the answering team.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub team: Option<Option<String>>,
    /// All watchers, as `person:ID`, `team:ID`, `address:EMAIL`.
    #[serde(deserialize_with = "stated")]
    pub watchers: Option<Vec<String>>,
    /// The first lead time.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub lead_time: Option<Option<Span>>,
    /// All labels.
    #[serde(deserialize_with = "stated")]
    pub labels: Option<BTreeMap<String, String>>,
    /// All places of use.
    #[serde(deserialize_with = "stated")]
    pub used_by: Option<Vec<PlaceOfUseBody>>,
}

/// `PATCH /v1/credentials/{id}`
pub async fn patch(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    IfMatch(version): IfMatch,
    Json { value: body, .. }: Json<PatchBody>,
) -> Result<Response, Problem> {
    let places = |list: Vec<PlaceOfUseBody>| list.into_iter().map(PlaceOfUse::from).collect();
    let patch = PatchCredential {
        owner: body.owner,
        team: body.team,
        watchers: body.watchers,
        lead_time: body.lead_time,
        labels: body.labels,
        used_by: body.used_by.map(places),
    };
    let item = patch_credential(&api.ctx, &caller, &id, patch, version).await?;
    shown(&api, item).await
}
