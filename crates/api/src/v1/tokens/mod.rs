//! `/v1/tokens`: the tokens that this server issues.

mod change;
mod filter;
mod issue;
mod item;
mod list;
mod rotate;

use http::StatusCode;

use super::page::LIST;
use crate::route::{Needs, Route};
pub use filter::{SHARED, read_filter};
pub use item::TokenBody;
pub use list::shown;

/// All calls below `/v1/tokens`.
pub fn routes() -> Vec<Route> {
    let any = Needs::Token;
    vec![
        Route::get("/v1/tokens", any, list::list)
            .says("Lists tokens; without `tokens:read` one's own and one's teams'.")
            .takes(filter::SHARED)
            .takes(LIST)
            .lists::<TokenBody>(),
        Route::post("/v1/tokens", Needs::Scope("tokens:issue"), issue::issue)
            .says("Issues a token; its value is shown this once.")
            .reads::<issue::IssueBody>()
            .answers::<issue::IssuedBody>(StatusCode::CREATED),
        Route::get("/v1/tokens/self", any, list::own)
            .says("Shows the very token that authenticates; any valid token may ask.")
            .answers::<TokenBody>(StatusCode::OK),
        Route::post("/v1/tokens/self/rotate", any, rotate::own)
            .says("Replaces the token that authenticates; both values work for the overlap.")
            .reads::<rotate::RotateBody>()
            .answers::<issue::IssuedBody>(StatusCode::CREATED),
        Route::post("/v1/tokens/self/revoke", any, change::revoke_own)
            .says("Ends the token that authenticates, at once.")
            .answers::<TokenBody>(StatusCode::OK),
        Route::get("/v1/tokens/{id}", any, list::one)
            .says("Shows one token.")
            .answers::<TokenBody>(StatusCode::OK),
        Route::patch("/v1/tokens/{id}", any, change::patch)
            .says("Changes name, labels, team, watchers or lead time.")
            .reads::<change::PatchBody>()
            .answers::<TokenBody>(StatusCode::OK),
        Route::post("/v1/tokens/{id}/rotate", any, rotate::one)
            .says("Replaces a token; both values work for the overlap. Another than the one that authenticates needs `tokens:issue` and all that it grants, of another owner `tokens:issue-for-others` too.")
            .reads::<rotate::RotateBody>()
            .answers::<issue::IssuedBody>(StatusCode::CREATED),
        Route::post("/v1/tokens/{id}/revoke", any, change::revoke)
            .says("Ends a token, at once. Another than the one that authenticates needs `tokens:revoke`. Ending it again answers the same.")
            .answers::<TokenBody>(StatusCode::OK),
    ]
}
