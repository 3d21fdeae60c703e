//! What verifying found.

use std::sync::Arc;

use domain::access::Grant;
use domain::kernel::{CredentialId, Instant, SourceId};
use domain::people::Owner;
use domain::token::TokenKind;

/// What verifying found. Everything but [`Outcome::Unknown`] was proved by the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Works now.
    Verified(Entry),
    /// Not a token, no such id, or another secret: on purpose not told apart.
    Unknown,
    /// Its end, or its owner's leaving, is at or before now.
    Expired(Entry),
    /// Somebody revoked it.
    Revoked(Entry),
    /// Its owner is disabled.
    Suspended(Entry),
}

/// A genuine token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its public id.
    pub id: CredentialId,
    /// Personal, service account, connector or bootstrap.
    pub kind: TokenKind,
    /// Which version of its credential this is.
    pub version: u64,
    /// In whose name it acts.
    pub owner: Owner,
    /// What it may do now: its grant ∩ its owner's present grant.
    pub grant: Arc<Grant>,
    /// When it ends: its own end or its owner's leaving, the earlier; `None` means never.
    pub expires_at: Option<Instant>,
    /// For a connector token: the only source it may push to.
    pub ingest_source: Option<SourceId>,
}
