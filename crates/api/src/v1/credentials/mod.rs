//! `/v1/credentials`: the inventory, whoever issued it.

mod change;
mod export;
mod item;
mod list;

use http::StatusCode;

use super::page::LIST;
use super::tokens::SHARED;
use crate::request::{Param, ParamKind as Kind};
use crate::route::{Needs, Route};
pub use item::{CredentialBody, IssuerOwnerBody, PlaceOfUseBody};

/// What `/v1/credentials` knows beside the filters of tokens.
const MORE: &[Param] = &[
    Param::new(
        "source",
        Kind::Text,
        "Only of this source; `forewarn` for tokens issued here.",
    ),
    Param::new(
        "orphaned",
        Kind::Flag,
        "Only those that nobody who can act owns (`true`), or the others.",
    ),
    Param::new(
        "unused_since",
        Kind::Instant,
        "Not used since this instant, or never.",
    ),
];

/// All calls below `/v1/credentials`.
pub fn routes() -> Vec<Route> {
    let any = Needs::Token;
    vec![
        Route::get("/v1/credentials", any, list::list)
            .says("Lists the inventory; without `credentials:read` one's own and one's teams'.")
            .takes(SHARED)
            .takes(MORE)
            .takes(LIST)
            .lists::<CredentialBody>(),
        Route::get("/v1/credentials.csv", any, export::csv)
            .says("Streams the same selection as CSV (RFC 4180); cells that a spreadsheet would run as a formula begin with an apostrophe.")
            .takes(SHARED)
            .takes(MORE)
            .answers_as(StatusCode::OK, "text/csv"),
        Route::get("/v1/credentials.ndjson", any, export::ndjson)
            .says("Streams the same selection, one JSON object a line.")
            .takes(SHARED)
            .takes(MORE)
            .answers_as(StatusCode::OK, "application/x-ndjson"),
        Route::get("/v1/credentials/{id}", any, list::one)
            .says("Shows one credential.")
            .answers::<CredentialBody>(StatusCode::OK),
        Route::patch("/v1/credentials/{id}", any, change::patch)
            .says("Says who answers for a credential, who hears of it, and what breaks without it.")
            .reads::<change::PatchBody>()
            .answers::<CredentialBody>(StatusCode::OK),
    ]
}
