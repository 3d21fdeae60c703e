//! Whom a decision about hearing starts from, and whom it ends with.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::inventory::Credential;
use crate::kernel::{ChannelId, Email, TeamId};
use crate::people::{Owner, Recipient};

use super::AudienceRole;

/// Who hears on behalf of the organisation, from the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AudienceSettings {
    /// Administrators: persons, teams, addresses. While empty, everybody with the role
    /// `Admin`.
    pub admins: Vec<Recipient>,
    /// The last resort.
    pub catch_all: Vec<Email>,
}

/// A channel that is told by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedChannel {
    /// Which one.
    pub id: ChannelId,
    /// Whether it wakes whoever is on call: then it hears the last day and the end only.
    pub pager: bool,
}

/// What decides who answers for a credential.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Concerned {
    /// The accountable one.
    pub owner: Option<Owner>,
    /// The team that answers for it.
    pub team: Option<TeamId>,
    /// Others who asked to hear.
    pub watchers: BTreeSet<Recipient>,
    /// True while nobody who can act owns it: then the owner alone is not enough.
    pub orphaned: bool,
    /// True when Forewarn itself works with it: without it a source is not read or a
    /// channel does not deliver. Then the admins hear every step.
    pub is_ours: bool,
}

/// Somebody who hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Who.
    pub recipient: Recipient,
    /// In which capacity.
    pub role: AudienceRole,
    /// Why, in words for people: `owner`, `the owner cannot be reached, so the team hears`.
    pub reason: String,
}

/// Everybody who hears, in order of closeness, nobody twice.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Audience {
    /// Who hears.
    pub listeners: Vec<Listener>,
    /// True when no person hears: not the owner, no team, no admin, no catch-all. Shared
    /// channels do not count. Becomes an alert (`unheard`, `no_way_out`).
    pub nobody: bool,
}

impl From<&Credential> for Concerned {
    fn from(credential: &Credential) -> Self {
        Self {
            owner: credential.owner.clone(),
            team: credential.team.clone(),
            watchers: credential.watchers.clone(),
            orphaned: credential.orphaned,
            is_ours: credential.is_ours(),
        }
    }
}

impl Audience {
    /// Those of it who were not told yet in this cycle: who became owner, team member or
    /// watcher since, and who must hear now because the owner no longer can. Shared
    /// channels hear nothing new. Ask it of the audience of `Plan::standing`.
    pub fn newcomers(self, told: &BTreeSet<Recipient>) -> Self {
        let shared = |role| matches!(role, AudienceRole::Channel | AudienceRole::Pager);
        let listeners = self
            .listeners
            .into_iter()
            .filter(|l| !shared(l.role) && !told.contains(&l.recipient))
            .collect();
        Self { listeners, ..self }
    }
}
