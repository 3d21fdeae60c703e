//! The pages, one file each; their paths stand in each file.

mod act;
mod address;
mod alerts;
mod audit;
mod away;
mod channels;
mod credential;
mod credentials;
mod integrations;
mod mine;
mod monitors;
mod offers;
mod overview;
mod people;
mod policies;
mod reviews;
mod sessions;
mod setup;
mod several;
mod sign_in;
mod sources;
mod tokens;
mod watchers;

use crate::route::Route;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    [
        overview::routes(),
        credentials::routes(),
        credential::routes(),
        mine::routes(),
        sources::routes(),
        channels::routes(),
        audit::routes(),
        integrations::routes(),
        tokens::routes(),
        sign_in::routes(),
        away::routes(),
        sessions::routes(),
        setup::routes(),
        alerts::routes(),
        act::routes(),
        address::routes(),
        people::routes(),
        policies::routes(),
        reviews::routes(),
        monitors::routes(),
    ]
    .concat()
}
