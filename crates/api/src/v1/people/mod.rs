//! `/v1/people`, `/v1/teams`, `/v1/service-accounts`: who can own and who can be told.

mod address;
mod persons;
mod service_accounts;
mod teams;

use crate::route::Route;

/// All calls below the three.
pub fn routes() -> Vec<Route> {
    [
        persons::routes(),
        address::routes(),
        teams::routes(),
        service_accounts::routes(),
    ]
    .concat()
}
