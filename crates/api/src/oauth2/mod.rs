//! `/oauth2`: what resource servers ask (RFC 7662, RFC 7009).

mod introspect;
mod revoke;

use http::StatusCode;
pub use introspect::answer as introspection;

use crate::route::{Needs, Route};

/// All calls below `/oauth2`.
pub fn routes() -> Vec<Route> {
    let form = "application/x-www-form-urlencoded";
    vec![
        Route::post("/oauth2/introspect", Needs::Scope("introspect"), introspect::introspect)
            .says("Tells a resource server whether a presented token works (RFC 7662). Form field: `token`.")
            .reads_as(form)
            .answers::<introspect::IntrospectionBody>(StatusCode::OK),
        Route::post("/oauth2/revoke", Needs::Token, revoke::revoke)
            .says("Ends a token that is presented as a whole (RFC 7009). An unknown one is no error. Form field: `token`.")
            .reads_as(form)
            .answers_as(StatusCode::OK, ""),
    ]
}
