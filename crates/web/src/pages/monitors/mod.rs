//! Integrations that report in: how they do, and how one is set up.

mod form;
mod list;
mod needs;
mod one;

use crate::route::Route;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), form::routes(), one::routes()].concat()
}
