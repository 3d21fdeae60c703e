//! Signing in with a browser: opening sessions, recognising them, ending them.
//!
//! A session gives the same [`Principal`](crate::Principal) as a token does, so that pages
//! ask the very same use cases. What a person may do is looked up at every request: a
//! session outlives neither their right to be here nor what opened it.

mod cookie;
mod form;
mod open;
mod own;
mod password;
mod resume;
mod sign_in;
mod vouched;

pub use form::{form_token, form_token_proves};
pub use open::Opened;
pub(crate) use open::open;
pub use own::{
    ChoosePassword, choose_password, end_other_sessions, end_own_session, end_session,
    has_password, list_sessions,
};
pub use password::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
pub(crate) use password::{check as check_password, hash as hash_password};
pub use resume::{Visitor, resume};
pub use sign_in::{sign_in_with_password, sign_in_with_token};
pub use vouched::sign_in_vouched;
pub(crate) use vouched::unlink;
