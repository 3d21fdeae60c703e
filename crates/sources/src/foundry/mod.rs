//! Palantir Foundry: audit logs over its own API, in a watched directory, or pushed
//! line by line.

mod api;
mod checkpoint;
mod files;
mod inside;
mod observe;
mod system;

pub use api::FoundryApi;
pub use files::FoundryFiles;
pub use observe::FoundryEvents;
pub(crate) use system::Foundry;

#[cfg(test)]
mod tests;
