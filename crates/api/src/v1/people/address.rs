//! `/v1/people/self/address`: an address of one's own, used once it is confirmed.

use app::people::{claim_address, withdraw_claim};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::persons::PersonBody;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::Json;
use crate::route::{Needs, Route};
use crate::state::Api;
use crate::v1::tagged;

/// An address that is to be one's own.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ClaimAddress)]
#[serde(deny_unknown_fields)]
pub struct ClaimBody {
    /// Where the question is sent, and later the warnings.
    pub email: String,
}

/// The calls about one's own address.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/people/self/address", Needs::Token, claim)
            .says("Asks by mail whether an address is the caller's own; it is used once somebody there says so. The token must hold everything that its person holds.")
            .reads::<ClaimBody>()
            .answers::<PersonBody>(StatusCode::ACCEPTED),
        Route::delete("/v1/people/self/address", Needs::Token, withdraw)
            .says("Takes such a question back; the link in it works no more.")
            .answers::<PersonBody>(StatusCode::OK),
    ]
}

async fn claim(
    State(api): State<Api>,
    Caller(caller): Caller,
    Json { value: body, .. }: Json<ClaimBody>,
) -> Result<Response, Problem> {
    let person = claim_address(&api.ctx, &caller, &body.email).await?;
    let version = person.version;
    Ok(tagged(
        StatusCode::ACCEPTED,
        version,
        PersonBody::from(person),
    ))
}

async fn withdraw(State(api): State<Api>, Caller(caller): Caller) -> Result<Response, Problem> {
    let person = withdraw_claim(&api.ctx, &caller).await?;
    let version = person.version;
    Ok(tagged(StatusCode::OK, version, PersonBody::from(person)))
}
