//! One fact read from a source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{Instant, Name};

use super::{End, IssuerOwner, PlaceOfUse};

/// One fact read from a source. Holds mapped fields only, never the raw record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "told")]
pub enum Observation {
    /// A listing showed the credential as it is now.
    Listed(Box<Listed>),
    /// An event told something of the credential; events may come in any order, any
    /// number of times. The value is the merge's own form of the facts.
    Event {
        /// The issuer's id of the credential.
        external_id: String,
        /// The issuer's word for what it is.
        kind: String,
        /// What the event told, see the merge.
        facts: serde_json::Value,
    },
    /// The issuer was asked about the credential by means of the credential, and refused
    /// it. Says nothing of its end, its use or its creation: what is known of these
    /// stands.
    Refused {
        /// What the configuration knows of it: id, kind, name, owner, places of use,
        /// labels. All else in it is ignored.
        told: Box<Listed>,
        /// What the issuer answered, in a few words: "it answered 401".
        why: String,
    },
}

/// A credential as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The issuer's id.
    pub external_id: String,
    /// What that id is unique within.
    pub parent: Option<String>,
    /// The issuer's word for what it is.
    pub kind: String,
    /// The name, where the issuer has one.
    pub name: Option<Name>,
    /// The owner as the issuer names it.
    pub owner: Option<IssuerOwner>,
    /// What it allows.
    pub scopes: Vec<String>,
    /// The roles it carries.
    pub roles: Vec<String>,
    /// When it was issued.
    pub created_at: Option<Instant>,
    /// When it stops working.
    pub end: End,
    /// The latest use.
    pub last_used_at: Option<Instant>,
    /// Whether the issuer reports use at all.
    pub use_is_known: bool,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Instant>,
    /// Whether the issuer has disabled it for now.
    pub suspended: bool,
    /// Labels the issuer keeps.
    pub labels: BTreeMap<String, String>,
    /// Where it is used.
    pub used_by: Vec<PlaceOfUse>,
    /// Where it is renewed.
    pub origin_url: Option<String>,
    /// Advice of the source.
    pub advice: Vec<String>,
    /// Whether it is the credential that the source itself is read with.
    #[serde(default)]
    pub own: bool,
}

impl Listed {
    /// A credential of which only this much is said.
    pub fn new(external_id: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            external_id: external_id.into(),
            parent: None,
            kind: kind.into(),
            name: None,
            owner: None,
            scopes: Vec::new(),
            roles: Vec::new(),
            created_at: None,
            end: End::Unknown,
            last_used_at: None,
            use_is_known: false,
            revoked_at: None,
            suspended: false,
            labels: BTreeMap::new(),
            used_by: Vec::new(),
            origin_url: None,
            advice: Vec::new(),
            own: false,
        }
    }
}
