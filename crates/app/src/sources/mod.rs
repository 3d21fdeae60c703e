//! The systems whose credentials are watched: how they do, and what people ask of them.

mod forget;
mod read;
mod sync;

pub use forget::forget_source;
pub use read::list_sources;
pub use sync::request_sync;
