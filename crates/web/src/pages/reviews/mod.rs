//! What each team answers for, looked at every so often: which reviews there are, and one
//! of them with a decision for each credential.

mod list;
mod row;
mod show;

use crate::route::Route;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), show::routes()].concat()
}
