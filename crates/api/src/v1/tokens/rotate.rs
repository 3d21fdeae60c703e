//! A new value for a token, while the old one goes on for a while.

use app::tokens::{EndOld, RotateToken, Which, rotate_token};
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use domain::kernel::Span;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::issue::created;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{IdempotencyKey, JsonOrNothing, Named, stated};
use crate::state::Api;

/// How to rotate; an empty body takes every default.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = RotateToken)]
#[serde(deny_unknown_fields, default)]
pub struct RotateBody {
    /// How long both values work; `24h` if not given, never past the old end, `0s` ends
    /// the old one at once.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub overlap: Option<Span>,
    /// How long the new one lives; at most, and if not given, as long as the old one.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub lifetime: Option<Span>,
    /// When the old value stops: after the `overlap`, or at the `first_use` of the new.
    pub end_old: EndOldBody,
}

/// When the old value stops.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = EndOld)]
#[serde(rename_all = "snake_case")]
pub enum EndOldBody {
    /// After the overlap.
    #[default]
    Overlap,
    /// At the first use of the new value, at the latest after the overlap.
    FirstUse,
}

/// `POST /v1/tokens/self/rotate`
pub async fn own(
    state: State<Api>,
    caller: Caller,
    uri: OriginalUri,
    key: IdempotencyKey,
    body: JsonOrNothing<RotateBody>,
) -> Result<Response, Problem> {
    rotate(state, caller, Which::Own, uri, key, body).await
}

/// `POST /v1/tokens/{id}/rotate`
pub async fn one(
    state: State<Api>,
    caller: Caller,
    Named(id): Named,
    uri: OriginalUri,
    key: IdempotencyKey,
    body: JsonOrNothing<RotateBody>,
) -> Result<Response, Problem> {
    rotate(state, caller, Which::Id(id), uri, key, body).await
}

async fn rotate(
    State(api): State<Api>,
    Caller(caller): Caller,
    which: Which,
    OriginalUri(uri): OriginalUri,
    key: IdempotencyKey,
    JsonOrNothing { value: body, bytes }: JsonOrNothing<RotateBody>,
) -> Result<Response, Problem> {
    let request = RotateToken {
        overlap: body.overlap,
        lifetime: body.lifetime,
        end_old: match body.end_old {
            EndOldBody::Overlap => EndOld::Overlap,
            EndOldBody::FirstUse => EndOld::FirstUse,
        },
        idempotency: key.for_request(&format!("POST {}", uri.path()), &bytes),
    };
    let issued = rotate_token(&api.ctx, &caller, &which, request).await?;
    Ok(created(&api, issued))
}
