//! Which steps for which credential, what another policy would change, and what is kept
//! back for a while.

mod show;
mod silences;
mod words;

pub(super) use words::{admins, matcher_words};

use crate::route::Route;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    [show::routes(), silences::routes()].concat()
}
