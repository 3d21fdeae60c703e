//! `/v1/alerts`: what needs attention, and what people do about it.

mod act;
mod item;
mod list;

use http::StatusCode;

use super::page::LIST;
use crate::request::{Param, ParamKind as Kind};
use crate::route::{Needs, Route};

const STATES: &[&str] = &["open", "acknowledged", "snoozed", "let_lapse", "resolved"];

const FILTERS: &[Param] = &[
    Param::new(
        "state",
        Kind::Words(STATES),
        "In one of these states; all but `resolved` if not given.",
    ),
    Param::new("kind", Kind::Text, "Of this kind, such as `expiry`."),
    Param::new(
        "subject",
        Kind::Text,
        "About this subject, such as `credential:ID`.",
    ),
];

/// All calls below `/v1/alerts`.
pub fn routes() -> Vec<Route> {
    let any = Needs::Token;
    vec![
        Route::get("/v1/alerts", any, list::list)
            .says("Lists alerts; without `alerts:read` those about one's own and one's teams' credentials and monitors.")
            .takes(FILTERS)
            .takes(LIST)
            .lists::<item::AlertBody>(),
        Route::get("/v1/alerts/{id}", any, list::one)
            .says("Shows one alert with everything that was said.")
            .answers::<item::AlertDetailBody>(StatusCode::OK),
        Route::post("/v1/alerts/{id}/acknowledge", any, act::acknowledge)
            .says("Somebody is on it: no repeats and no escalation until the next step.")
            .reads::<act::AcknowledgeBody>()
            .answers::<item::AlertBody>(StatusCode::OK),
        Route::post("/v1/alerts/{id}/snooze", any, act::snooze)
            .says("Not now; at the latest until a day before the end.")
            .reads::<act::SnoozeBody>()
            .answers::<item::AlertBody>(StatusCode::OK),
        Route::post("/v1/alerts/{id}/unsnooze", any, act::unsnooze)
            .says("Takes a snooze back.")
            .answers::<item::AlertBody>(StatusCode::OK),
        Route::post("/v1/alerts/{id}/escalate", any, act::escalate)
            .says("Says the current step again at once, also to the teams above, the admins and whom the policy names.")
            .reads::<act::EscalateBody>()
            .answers::<item::AlertBody>(StatusCode::OK),
        Route::post("/v1/alerts/{id}/let-lapse", any, act::let_lapse)
            .says("It may lapse; void when it is used or its end moves.")
            .reads::<act::LetLapseBody>()
            .answers::<item::AlertBody>(StatusCode::OK),
    ]
}
