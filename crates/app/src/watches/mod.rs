//! Who asked to hear of all credentials of a kind, such as those with a label.
//!
//! Rules of the configuration stand beside these and are not listed here.

mod create;
mod read;
mod remove;

pub use create::{CreateWatch, create_watch};
pub use read::list_watches;
pub use remove::remove_watch;
