//! Teams: people who answer for credentials together.

mod create;
mod patch;
mod read;

pub use create::{CreateTeam, create_team};
pub use patch::{PatchTeam, patch_team};
pub use read::{get_team, list_teams};
