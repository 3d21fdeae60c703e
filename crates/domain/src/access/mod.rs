//! What may be done: scopes, roles, and the ceiling that nobody can exceed.

mod grant;
mod role;
mod scope;

pub use grant::Grant;
pub use role::Role;
pub use scope::{OWN_SCOPES, Scope, ScopeError};
