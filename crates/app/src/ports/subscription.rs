//! A secret address under which a calendar and a feed can be read.

use domain::kernel::{Instant, PersonId, SubscriptionId, TeamId};
use domain::people::Owner;
use serde::{Deserialize, Serialize};

/// A secret address under which a calendar and a feed can be read. The address itself is
/// shown once; only its HMAC is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The first part of the address, which finds it.
    pub id: SubscriptionId,
    /// Whose credentials it shows.
    pub of: Followed,
    /// Who made it. It shows what they may see at the moment it is read, and nothing once
    /// they are gone.
    pub owner: Owner,
    /// Whether titles leave out names, for calendars that others keep.
    pub discreet: bool,
    /// When it was made.
    pub created_at: Instant,
    /// Which key made the HMAC.
    pub key_version: u32,
    /// HMAC-SHA-256 over the address, in hexadecimal digits.
    pub mac: String,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// Whose credentials a subscription shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Followed {
    /// What the person owns or answers for through a team.
    Person(PersonId),
    /// What the team answers for.
    Team(TeamId),
    /// Everything.
    All,
}
