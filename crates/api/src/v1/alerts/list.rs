//! Reading alerts.

use app::alerts::{get_alert, list_alerts};
use app::ports::AlertFilter;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::expiry::{AlertKind, AlertState, Subject};
use http::StatusCode;
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as ValueError, StrDeserializer};

use super::STATES;
use super::item::{AlertBody, AlertDetailBody};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Named, Params, page_of};
use crate::state::Api;
use crate::v1::{Page, paged, tagged};

/// `GET /v1/alerts`
pub async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Json<Page<AlertBody>>, Problem> {
    let now = api.ctx.now();
    let states: Result<Vec<_>, _> = params.texts("state").map(state).collect();
    let states = states?;
    let filter = AlertFilter {
        now,
        with_resolved: states.contains(&AlertState::Resolved),
        states,
        kind: params.parsed("kind", kind)?,
        subject: params.parsed("subject", Subject::parse)?,
        visible_to: None,
    };
    let page = page_of(&params, &cursors)?;
    let found = list_alerts(&api.ctx, &caller, filter, &page).await?;
    Ok(paged(found, &cursors, |item| AlertBody::of(item, now)))
}

/// `GET /v1/alerts/{id}`
pub async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let detail = get_alert(&api.ctx, &caller, &id).await?;
    let version = detail.alert.version;
    Ok(tagged(
        StatusCode::OK,
        version,
        AlertDetailBody::of(detail, api.ctx.now()),
    ))
}

fn state(word: &str) -> Result<AlertState, Problem> {
    Ok(match word {
        "open" => AlertState::Open,
        "acknowledged" => AlertState::Acknowledged,
        "snoozed" => AlertState::Snoozed,
        "let_lapse" => AlertState::LetLapse,
        "resolved" => AlertState::Resolved,
        _ => {
            let detail = format!("one of {} is wanted", STATES.join(", "));
            return Err(Problem::parameter("state", detail));
        }
    })
}

/// The words of the wire are those that serde knows.
fn kind(word: &str) -> Result<AlertKind, String> {
    let word: StrDeserializer<'_, ValueError> = word.into_deserializer();
    AlertKind::deserialize(word).map_err(|error| error.to_string())
}
