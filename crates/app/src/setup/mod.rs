//! The first start: roles, the account `setup`, the bootstrap token, the set-up link.

mod bootstrap;
mod first;
mod link;

pub use bootstrap::issue_bootstrap_token;
pub use first::{SETUP_ACCOUNT, bootstrap_is_open, close_bootstrap, prepare};
pub use link::{CompleteSetup, Founded, complete_setup, make_setup_code, setup_code_is_valid};
