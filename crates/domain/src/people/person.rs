//! Persons, teams, service accounts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::kernel::{Email, Instant, Name, PersonId, RoleName, ServiceAccountId, TeamId};

/// Somebody who can own credentials and be told of their end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Stable id.
    pub id: PersonId,
    /// As shown.
    pub name: Name,
    /// Where to write; `None` makes the person unreachable by mail.
    pub email: Option<Email>,
    /// IANA name such as `Europe/Berlin`; `None` means UTC.
    pub time_zone: Option<String>,
    /// What the person may do here.
    #[serde(default)]
    pub roles: BTreeSet<RoleName>,
    /// False once deactivated: own tokens stop at once and revive on return.
    pub active: bool,
    /// When the person leaves: ends personal tokens too (the earlier end counts).
    pub leaves_at: Option<Instant>,
    /// When a message to this person last bounced for good; `None` means reachable.
    pub bounced_at: Option<Instant>,
    /// An address that the person typed and has not confirmed: nothing but the question
    /// is ever sent there.
    #[serde(default)]
    pub claimed: Option<Claimed>,
    /// BCP 47 tag such as `de-AT`; `None` means the plain form.
    #[serde(default)]
    pub locale: Option<String>,
    /// What a system that provisions people keeps here.
    #[serde(default)]
    pub provisioned: Provisioned,
    /// When the person was added.
    pub created_at: Instant,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// An address that its holder typed and has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// Where the question was sent.
    pub email: Email,
    /// When it was asked; a link of an earlier question opens nothing.
    pub at: Instant,
}

/// What a system that provisions people (SCIM) keeps with a person. Forewarn decides
/// nothing by it, except who came back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provisioned {
    /// The id under which that system knows the person.
    pub external_id: Option<String>,
    /// The name for signing in there; the address where it is not given.
    pub user_name: Option<String>,
    /// Given name, as that system tells it.
    pub given_name: Option<String>,
    /// Family name, as that system tells it.
    pub family_name: Option<String>,
    /// That system took the person away; they stay, deactivated, for what they own.
    pub removed: bool,
}

/// People who answer for credentials together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Stable id.
    pub id: TeamId,
    /// As shown; also how the configuration names it (`team:platform`).
    pub name: Name,
    /// The team's own mailbox; with `None` each active member is told.
    pub email: Option<Email>,
    /// Who hears when nobody in the team can.
    pub parent: Option<TeamId>,
    /// The members.
    #[serde(default)]
    pub members: BTreeSet<PersonId>,
    /// The id under which a system that provisions people knows the team.
    #[serde(default)]
    pub external_id: Option<String>,
    /// That system took the team away. It stays, empty, for what it answers for; a group
    /// of the same name takes its place again.
    #[serde(default)]
    pub removed: bool,
    /// When the team was added.
    pub created_at: Instant,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// An account for a program. Its team hears for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// Stable id.
    pub id: ServiceAccountId,
    /// As shown.
    pub name: Name,
    /// The responsible team; `None` is a finding.
    pub team: Option<TeamId>,
    /// What the account may do: the ceiling of its tokens.
    #[serde(default)]
    pub roles: BTreeSet<RoleName>,
    /// False once disabled: its tokens stop at once and revive when enabled.
    pub active: bool,
    /// When the account was added.
    pub created_at: Instant,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

impl Person {
    /// Whether a message can reach this person at `now`.
    pub fn is_reachable(&self, now: Instant) -> bool {
        self.is_present(now) && self.email.is_some() && self.bounced_at.is_none()
    }

    /// Whether the person is active and has not left by `now`.
    pub fn is_present(&self, now: Instant) -> bool {
        self.active && self.leaves_at.is_none_or(|at| now < at)
    }

    /// How systems that provision people call this person: the name for signing in, else
    /// the address, else the id.
    pub fn user_name(&self) -> &str {
        let given = self.provisioned.user_name.as_deref();
        given
            .or_else(|| self.email.as_ref().map(Email::as_str))
            .unwrap_or_else(|| self.id.as_str())
    }
}
