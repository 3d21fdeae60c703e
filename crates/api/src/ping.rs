//! `/ping/{monitor}`: an integration reports in.
//!
//! Asks for no token: the key in the address is all there is, so that a line of shell can
//! do it. Says nothing about the monitor.

use app::monitors::{Ping, ping};
use axum::extract::State;
use http::{Method, StatusCode};

use crate::problem::Problem;
use crate::request::Named;
use crate::route::{Needs, Route};
use crate::state::Api;

/// The calls by which an integration reports in.
pub fn routes() -> Vec<Route> {
    let open = Needs::Nothing;
    let says = "An integration reports in. The key in the address is all that is asked for.";
    let fails = "An integration says that it failed: its owner and team hear at once.";
    let plain = |route: Route| route.answers_as(StatusCode::OK, "text/plain");
    vec![
        plain(Route::get("/ping/{monitor}", open, fine).says(says)),
        plain(Route::post("/ping/{monitor}", open, fine).says(says)),
        plain(Route::get("/ping/{monitor}/fail", open, failed).says(fails)),
        plain(Route::post("/ping/{monitor}/fail", open, failed).says(fails)),
    ]
}

async fn fine(
    State(api): State<Api>,
    method: Method,
    Named(key): Named,
) -> Result<&'static str, Problem> {
    hear(&api, &method, &key, Ping::Fine).await
}

async fn failed(
    State(api): State<Api>,
    method: Method,
    Named(key): Named,
) -> Result<&'static str, Problem> {
    hear(&api, &method, &key, Ping::Failed).await
}

/// `HEAD` is answered like `GET` and is no sign of life.
async fn hear(api: &Api, method: &Method, key: &str, says: Ping) -> Result<&'static str, Problem> {
    if method != Method::HEAD {
        ping(&api.ctx, key, says).await?;
    }
    Ok("ok\n")
}
