//! What is kept of a token beside its credential.

use serde::{Deserialize, Serialize};

use crate::access::Grant;
use crate::kernel::{CredentialId, Instant, RoleName, SourceId};

use super::TokenKind;

/// What is kept of a token beside its credential. The value itself is never kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The 12 characters in the middle of the value; also the credential's id.
    pub id: CredentialId,
    /// Personal, service account, connector or bootstrap.
    pub kind: TokenKind,
    /// HMAC-SHA-256 of the value under the key of `key_version`.
    #[serde(with = "mac_hex")]
    pub mac: [u8; 32],
    /// Which key of the key file made `mac`.
    pub key_version: u32,
    /// The roles it carries, resolved at each use.
    pub roles: Vec<RoleName>,
    /// The scopes it carries beside its roles.
    pub scopes: Grant,
    /// Who made it: the actor as the audit log spells it.
    pub created_by: String,
    /// The token this one replaces.
    pub rotated_from: Option<CredentialId>,
    /// The token that replaces this one.
    pub rotated_to: Option<CredentialId>,
    /// During its own rotation's overlap: when this (old) value stops at the latest.
    pub overlap_ends_at: Option<Instant>,
    /// Set on the *new* token of a rotation until it is used: its first use is written down
    /// at once, and ends the value of the token named. Without `end_old: first_use` that is
    /// the new one itself, and nothing ends.
    pub ends_on_first_use: Option<CredentialId>,
    /// For a connector token: the only source it may push to.
    pub ingest_source: Option<SourceId>,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

mod mac_hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(mac: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        let hex: String = mac.iter().map(|b| format!("{b:02x}")).collect();
        to.serialize_str(&hex)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let hex = String::deserialize(from)?;
        let mut mac = [0_u8; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            return Err(D::Error::custom("a mac has 64 hexadecimal digits"));
        }
        for (at, byte) in mac.iter_mut().enumerate() {
            let digits = hex.get(at * 2..at * 2 + 2).unwrap_or_default();
            *byte = u8::from_str_radix(digits, 16).map_err(D::Error::custom)?;
        }
        Ok(mac)
    }
}
