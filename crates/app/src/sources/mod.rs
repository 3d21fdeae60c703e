//! The systems whose credentials are watched: how they do, and what people ask of them.

mod accept;
mod forget;
mod owner_map;
mod preview;
mod read;
mod settings;
mod sync;

pub use accept::accept_source;
pub use forget::forget_source;
pub use owner_map::{MappedOwner, OwnerMap, RowError};
pub use preview::{Tried, try_source};
pub use read::{SourceItem, count_of_source, get_source, list_sources};
pub use settings::SourceSettings;
pub use sync::request_sync;
