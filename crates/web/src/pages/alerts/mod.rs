//! What needs somebody: the inbox, one alert, and what people do about them.

mod act;
mod list;
mod show;
mod words;

pub(super) use show::for_strangers;
pub(super) use words::{about, fact, over_words, tag};

use crate::route::Route;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), show::routes(), act::routes()].concat()
}
