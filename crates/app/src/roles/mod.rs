//! Roles: named grants, which nobody may widen beyond what they hold.

mod change;
mod create;
mod read;
mod remove;

pub use change::{PatchRole, change_role};
pub(crate) use create::editor_holds;
pub use create::{CreateRole, create_role};
pub use read::{get_role, grantable_roles, list_roles};
pub use remove::remove_role;
