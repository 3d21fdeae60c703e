//! Issuing a token.

use std::collections::BTreeMap;

use app::tokens::{IssueToken, Issued, issue_token};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::kernel::{Instant, Span};
use http::StatusCode;
use http::header::LOCATION;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TokenBody;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{IdempotencyKey, Json, stated};
use crate::state::Api;

/// What a new token shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = IssueToken)]
#[serde(deny_unknown_fields)]
pub struct IssueBody {
    /// 1 to 255 bytes; need not be unique.
    pub name: String,
    /// Role names. Neither roles nor scopes means the role `None`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Scopes beside the roles; `*` is everything.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// When it ends; not together with `lifetime`.
    #[serde(default, deserialize_with = "stated")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
    /// How long it lives, such as `90d`; neither given means `8760h`.
    #[serde(default, deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub lifetime: Option<Span>,
    /// Id of a person or service account, name of a service account, or a person's
    /// address; the caller's owner if not given.
    pub owner: Option<String>,
    /// Id or name of the answering team.
    pub team: Option<String>,
    /// Who else hears, as `person:ID`, `team:ID`, `address:EMAIL`.
    #[serde(default)]
    pub watchers: Vec<String>,
    /// The first lead time, such as `45d`; without it the policy's.
    #[serde(default, deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub lead_time: Option<Span>,
    /// Makes a connector token that can only push observations of this source.
    pub ingest_source: Option<String>,
    /// Free labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// A token just issued.
#[derive(Serialize, ToSchema)]
#[schema(as = IssuedToken)]
pub struct IssuedBody {
    /// The token.
    pub token: TokenBody,
    /// Its value, this once; `null` when the answer repeats an earlier one
    /// (`Idempotency-Key`).
    pub value: Option<String>,
}

/// `POST /v1/tokens`
pub async fn issue(
    State(api): State<Api>,
    Caller(caller): Caller,
    key: IdempotencyKey,
    Json { value: body, bytes }: Json<IssueBody>,
) -> Result<Response, Problem> {
    let request = IssueToken {
        name: body.name,
        roles: body.roles,
        scopes: body.scopes,
        expires_at: body.expires_at,
        lifetime: body.lifetime,
        owner: body.owner,
        team: body.team,
        watchers: body.watchers,
        lead_time: body.lead_time,
        ingest_source: body.ingest_source,
        labels: body.labels,
        idempotency: key.for_request("POST /v1/tokens", &bytes),
    };
    let issued = issue_token(&api.ctx, &caller, request).await?;
    Ok(created(&api, issued))
}

/// 201 with the value, this once.
pub fn created(api: &Api, issued: Issued) -> Response {
    let location = format!("/v1/tokens/{}", issued.item.token.id);
    let body = IssuedBody {
        token: TokenBody::of(issued.item, api.ctx.now()),
        value: issued.value.map(|value| value.expose().clone()),
    };
    (
        StatusCode::CREATED,
        [(LOCATION, location)],
        axum::Json(body),
    )
        .into_response()
}
