//! Keeps the verifier current, and carries what it counted back into the store.

mod first_use;
mod load;
mod poll;
mod usage;

pub use first_use::end_replaced;
pub use load::load_index;
pub use poll::poll_feed;
pub use usage::flush_usage;
