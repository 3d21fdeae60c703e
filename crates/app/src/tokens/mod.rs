//! Issuing, reading, rotating, revoking and introspecting the tokens of Forewarn.

pub(crate) mod draft;
mod first_use;
mod introspect;
pub(crate) mod issue;
mod item;
pub(crate) mod load;
mod own;
mod patch;
mod preview;
mod read;
mod revoke;
mod rotate;
mod wish;

pub use draft::ISSUED_HERE;
pub use first_use::first_use;
pub use introspect::{Introspection, introspect, revoke_presented};
pub use issue::{IssueToken, issue_token};
pub use item::{Issued, TokenItem, Which};
pub use own::{Proven, Standing};
pub use patch::{PatchToken, patch_token};
pub use preview::{Preview, foresee_token, preview_token};
pub use read::{get_token, list_tokens, token_self};
pub use revoke::revoke_token;
pub use rotate::{EndOld, RotateToken, rotate_token};
