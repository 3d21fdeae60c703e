//! Keeps the verifier current, and carries what it counted back into the store.

mod first_use;
mod followed;
mod load;
mod poll;
mod restate;
mod standings;
mod usage;

pub use first_use::end_replaced;
pub use followed::Followed;
pub use load::load_index;
pub use poll::poll_feed;
pub(crate) use restate::{Affected, restate, restate_wanted};
pub(crate) use standings::refresh_standings;
pub use usage::{flush_usage, settle};
