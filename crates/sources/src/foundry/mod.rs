//! Palantir Foundry: audit logs in a watched directory, or pushed line by line.

mod checkpoint;
mod files;
mod inside;
mod observe;
mod system;

pub use files::FoundryFiles;
pub use observe::FoundryEvents;
pub(crate) use system::Foundry;

#[cfg(test)]
mod tests;
