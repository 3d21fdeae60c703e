//! The pages, one file each; their paths stand in each file.

mod act;
mod front;
mod sessions;
mod setup;
mod sign_in;

use crate::route::Route;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    [
        front::routes(),
        sign_in::routes(),
        sessions::routes(),
        setup::routes(),
        act::routes(),
    ]
    .concat()
}
