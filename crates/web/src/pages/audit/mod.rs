//! Who did what, when, and whether the record is whole.

mod export;
mod filter;
mod show;
mod told;
mod verdict;

use crate::route::{Needs, Route};

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    let needs = Needs::Scope("audit:read");
    vec![
        Route::get("/audit", needs, show::show),
        Route::get("/audit/verify", needs, show::verify),
        Route::get("/audit.ndjson", needs, export::ndjson),
    ]
}

fn address(path: &str, query: &str) -> String {
    match query {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}
