//! Who is signed in, and what proves a password.
//!
//! Neither the value of a cookie nor a password is ever kept: only what each is compared
//! with.

use std::fmt;

use domain::kernel::{CredentialId, Instant, PersonId, SessionId};
use serde::{Deserialize, Serialize};

/// One person, signed in with one browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The first part of the cookie's value, which finds it.
    pub id: SessionId,
    /// Who.
    pub person: PersonId,
    /// How they proved it.
    pub way: Way,
    /// SHA-256 over the whole value of the cookie, in hexadecimal digits.
    pub hash: String,
    /// What the browser says it is, shortened; a name to recognise it by, nothing more.
    pub agent: String,
    /// When the person signed in.
    pub opened_at: Instant,
    /// When it was last seen, to within a minute.
    pub seen_at: Instant,
    /// When it ends, however much it is used.
    pub ends_at: Instant,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// How a person proved who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "id")]
pub enum Way {
    /// The one-time link of the set-up.
    Setup,
    /// A password kept here.
    Password,
    /// A personal token; the session may do what the token may, and ends with it.
    Token(CredentialId),
    /// The organisation's identity provider.
    Provider,
}

/// What proves the password of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// Whose.
    pub person: PersonId,
    /// The hash with its salt and its parameters.
    pub hash: Phc,
    /// When it was chosen.
    pub chosen_at: Instant,
}

/// A hash as a PHC string. Does not print: whoever holds it can guess at leisure.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phc(pub String);

impl fmt::Debug for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phc(…)")
    }
}
