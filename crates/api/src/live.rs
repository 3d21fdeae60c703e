//! `/livez`, `/readyz`, `/openapi.json`, `/docs`, `/metrics`: the server about itself.

mod health;
mod metrics;

use http::StatusCode;

use crate::route::{Needs, Route};
use crate::{docs, openapi};

/// The calls that say how the server is.
pub fn routes() -> Vec<Route> {
    let open = Needs::Nothing;
    vec![
        Route::get("/livez", open, health::live)
            .says("Whether the process runs; asks nothing else.")
            .answers_as(StatusCode::OK, "text/plain"),
        Route::get("/readyz", open, health::ready)
            .says("Whether the server can serve, and what works only in part; 503 when it cannot.")
            .answers::<health::ReadyBody>(StatusCode::OK),
        Route::get("/metrics", open, metrics::show)
            .says("Figures for Prometheus. Needs a token with `metrics:read` unless the configuration opens it.")
            .answers_as(StatusCode::OK, "application/openmetrics-text"),
        Route::get("/openapi.json", open, openapi::show)
            .says("This API as OpenAPI 3.1.")
            .answers_as(StatusCode::OK, "application/json"),
        Route::get("/docs", open, docs::show)
            .says("This API as a page.")
            .answers_as(StatusCode::OK, "text/html"),
        Route::get("/docs/style.css", open, docs::style)
            .says("What that page looks like.")
            .answers_as(StatusCode::OK, "text/css"),
    ]
}
