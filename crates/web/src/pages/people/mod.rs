//! People, teams, service accounts and roles: who answers, who hears, what each may do.

mod accounts;
mod persons;
mod roles;
mod scopes;
mod sheet;
mod teams;

use crate::route::Route;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    [
        persons::routes(),
        teams::routes(),
        accounts::routes(),
        roles::routes(),
    ]
    .concat()
}
