//! Policies: which there are, and what another one would change.

mod dry_run;
mod read;

pub use dry_run::{DryRun, dry_run};
pub use read::list_policies;
