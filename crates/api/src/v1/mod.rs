//! `/v1`: one file per resource, named as in the URL.

pub mod actions;
pub mod alerts;
pub mod audit;
pub mod channels;
pub mod credentials;
mod etag;
pub mod feeds;
pub mod findings;
pub mod forecast;
pub mod messages;
pub mod monitors;
pub mod observations;
mod page;
pub mod people;
pub mod policies;
pub mod preview;
pub mod reviews;
pub mod roles;
pub mod silences;
pub mod sources;
pub mod tokens;
pub mod watchers;

pub use etag::{IfMatch, etag, tagged};
pub use page::{LIST, Page, paged};

use crate::route::Route;

/// All calls below `/v1`.
pub fn routes() -> Vec<Route> {
    [
        tokens::routes(),
        roles::routes(),
        credentials::routes(),
        actions::routes(),
        alerts::routes(),
        findings::routes(),
        monitors::routes(),
        people::routes(),
        policies::routes(),
        silences::routes(),
        watchers::routes(),
        reviews::routes(),
        audit::routes(),
        sources::routes(),
        preview::routes(),
        channels::routes(),
        messages::routes(),
        feeds::routes(),
        forecast::routes(),
        observations::routes(),
    ]
    .concat()
}
