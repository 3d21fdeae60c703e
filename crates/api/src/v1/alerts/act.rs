//! What people do about alerts.

use app::alerts as cases;
use app::alerts::AlertItem;
use axum::Json;
use axum::extract::State;
use domain::kernel::{Instant, Span};
use serde::Deserialize;
use utoipa::ToSchema;

use super::item::AlertBody;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Json as Body, JsonOrNothing, Named, stated};
use crate::state::Api;

/// "Somebody is on it."
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Acknowledge)]
#[serde(deny_unknown_fields, default)]
pub struct AcknowledgeBody {
    /// What others should know.
    pub note: Option<String>,
}

/// "Tell those next in line."
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Escalate)]
#[serde(deny_unknown_fields, default)]
pub struct EscalateBody {
    /// What others should know.
    pub note: Option<String>,
}

/// "Not now": one of the two.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Snooze)]
#[serde(deny_unknown_fields, default)]
pub struct SnoozeBody {
    /// Until when.
    #[serde(deserialize_with = "stated")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
    /// How long from now, such as `3d`.
    #[serde(rename = "for", deserialize_with = "stated")]
    #[schema(value_type = Option<String>)]
    pub span: Option<Span>,
}

/// "It may lapse."
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = LetLapse)]
#[serde(deny_unknown_fields, default)]
pub struct LetLapseBody {
    /// Why.
    pub reason: Option<String>,
}

/// `POST /v1/alerts/{id}/acknowledge`
pub async fn acknowledge(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    JsonOrNothing { value: body, .. }: JsonOrNothing<AcknowledgeBody>,
) -> Result<Json<AlertBody>, Problem> {
    let item = cases::acknowledge(&api.ctx, &caller, &id, body.note).await?;
    Ok(shown(&api, item))
}

/// `POST /v1/alerts/{id}/snooze`
pub async fn snooze(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    Body { value: body, .. }: Body<SnoozeBody>,
) -> Result<Json<AlertBody>, Problem> {
    let until = match (body.until, body.span) {
        (Some(until), None) => until,
        (None, Some(span)) if span.is_positive() => api.ctx.now() + span,
        (None, Some(_)) => return Err(Problem::field("/for", "a span longer than zero is wanted")),
        _ => return Err(Problem::field("/until", "give either `until` or `for`")),
    };
    let item = cases::snooze(&api.ctx, &caller, &id, until).await?;
    Ok(shown(&api, item))
}

/// `POST /v1/alerts/{id}/unsnooze`
pub async fn unsnooze(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Json<AlertBody>, Problem> {
    let item = cases::unsnooze(&api.ctx, &caller, &id).await?;
    Ok(shown(&api, item))
}

/// `POST /v1/alerts/{id}/let-lapse`
pub async fn let_lapse(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    JsonOrNothing { value: body, .. }: JsonOrNothing<LetLapseBody>,
) -> Result<Json<AlertBody>, Problem> {
    let item = cases::let_lapse(&api.ctx, &caller, &id, body.reason).await?;
    Ok(shown(&api, item))
}

/// `POST /v1/alerts/{id}/escalate`
pub async fn escalate(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    JsonOrNothing { value: body, .. }: JsonOrNothing<EscalateBody>,
) -> Result<Json<AlertBody>, Problem> {
    let item = cases::escalate(&api.ctx, &caller, &id, body.note).await?;
    Ok(shown(&api, item))
}

fn shown(api: &Api, item: AlertItem) -> Json<AlertBody> {
    Json(AlertBody::of(item, api.ctx.now()))
}
