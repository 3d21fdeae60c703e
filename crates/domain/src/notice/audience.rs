//! Who must hear.
//!
//! Decides from the credential, the directory and the step alone. Knows no channels but
//! the shared ones that are told by themselves.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::expiry::Saying;
use crate::inventory::Credential;
use crate::kernel::{ChannelId, Email, Instant, TeamId};
use crate::people::{Directory, Owner, Recipient};

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
    /// True while nobody who can act owns it.
    pub orphaned: bool,
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
        }
    }
}

impl Audience {
    /// Those of it who became owner, team member or watcher since something was said,
    /// that is, are not among those told.
    pub fn newcomers(self, told: &BTreeSet<Recipient>) -> Self {
        let close = |role| {
            matches!(
                role,
                AudienceRole::Owner | AudienceRole::Team | AudienceRole::Watcher
            )
        };
        let listeners = self
            .listeners
            .into_iter()
            .filter(|l| close(l.role) && !told.contains(&l.recipient))
            .collect();
        Self { listeners, ..self }
    }
}

/// Who hears what is said about a credential.
pub fn audience(
    _about: &Concerned,
    _saying: &Saying,
    _directory: &Directory,
    _settings: &AudienceSettings,
    _shared: &[SharedChannel],
    _now: Instant,
) -> Audience {
    Audience::default()
}

/// Who hears what is wrong with a source, a channel or Forewarn itself: admins, or else
/// the catch-all, and the shared channels that are not pagers. Leave a failing channel
/// out of `shared`.
pub fn operators(
    _directory: &Directory,
    _settings: &AudienceSettings,
    _shared: &[SharedChannel],
    _now: Instant,
) -> Audience {
    Audience::default()
}
