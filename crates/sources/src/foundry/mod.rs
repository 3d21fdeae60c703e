//! Palantir Foundry: audit logs in a watched directory, or pushed line by line.

mod checkpoint;
mod files;
mod observe;

pub use files::FoundryFiles;
pub use observe::FoundryEvents;

#[cfg(test)]
mod tests;
