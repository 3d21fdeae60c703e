//! What may be done: scopes, roles, and the ceiling that nobody can exceed.

mod ceiling;
mod effective;
mod grant;
mod role;
mod scope;

pub use ceiling::{Exceeds, Whose, check_grant};
pub use effective::{Roles, effective, grant_of, owner_grant};
pub use grant::Grant;
pub use role::Role;
pub use scope::{OWN_SCOPES, Scope, ScopeError};
