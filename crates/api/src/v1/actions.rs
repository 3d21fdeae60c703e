//! `/v1/channels/{id}/actions`: what people choose where they read of an alert.
//!
//! No token: the channel proves by its own signature who calls.

use std::collections::BTreeMap;

use app::alerts::answer_call;
use app::ports::Call;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode};

use crate::problem::Problem;
use crate::request::Named;
use crate::route::{Needs, Route};
use crate::state::Api;

/// The one call.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/channels/{id}/actions", Needs::Nothing, take)
            .says("Takes what people choose on the buttons of a chat; the other side signs it.")
            .reads_as("application/x-www-form-urlencoded"),
    ]
}

async fn take(
    State(api): State<Api>,
    Named(id): Named,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let call = Call {
        now: api.ctx.now(),
        headers: headers.iter().filter_map(shown).collect::<BTreeMap<_, _>>(),
        body: body.to_vec(),
    };
    answer_call(&api.ctx, &id, &call).await?;
    Ok(StatusCode::OK)
}
