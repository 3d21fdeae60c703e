//! `/credentials/{id}`: the life of one credential, what comes next, who will hear, and
//! what can be done about it.

mod act;
mod change;
mod facts;
mod life;
mod show;

use crate::route::{Needs, Route};

pub(super) use life::{Line, acts, settled};
pub(crate) use life::{capital, notice_words, step_words};

/// A long text is cut at so many characters.
const TEXT_CHARS: usize = 300;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    let any = Needs::Session;
    vec![
        Route::get("/credentials/{id}", any, show::show),
        Route::post("/credentials/{id}/alert", any, act::handle).takes(&["do", "note", "days"]),
        Route::post("/credentials/{id}", any, change::change).takes(&change::FIELDS),
        Route::post("/credentials/{id}/note", any, change::note).takes(&["note"]),
    ]
}
