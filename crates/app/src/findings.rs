//! What is not as it should be: what nobody can act on, nobody would hear of, or hangs on
//! one person.
//!
//! A list for those who put it right; the sweep tells of the same by itself.

use std::collections::BTreeMap;

use domain::expiry::{Alert, AlertKind, AlertState, Subject};
use domain::inventory::{Credential, State};
use domain::kernel::{CredentialId, Instant};
use domain::people::{Directory, Owner};

use crate::ports::{AlertFilter, CredentialFilter, CredentialSort, PageRequest};
use crate::sight::{Sight, narrow};
use crate::{AppError, Context, Principal};

/// Findings of one kind that are listed at most.
const EACH_MAX: usize = 5_000;
const PAGE: u32 = 500;

/// What is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Nobody who can act owns the credential.
    Orphaned,
    /// Nobody would hear of the credential's end.
    Unheard,
    /// A person carries an integration with the credential.
    Carried,
    /// No team hears for the service account.
    AccountWithoutTeam,
    /// The team has no mailbox, and nobody in it can be reached.
    SilentTeam,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// The id of what it is wrong with: a credential, a service account, a team.
    pub id: String,
    /// What that is called.
    pub name: String,
    /// The credential, if it is about one.
    pub credential: Option<Credential>,
    /// Since when it stands, where somebody was told.
    pub since: Option<Instant>,
    /// The alert about it, if there is one.
    pub alert: Option<Alert>,
}

impl FindingKind {
    /// All kinds, in the order in which they are listed.
    pub const ALL: [Self; 5] = [
        Self::Orphaned,
        Self::Unheard,
        Self::Carried,
        Self::AccountWithoutTeam,
        Self::SilentTeam,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Orphaned => "orphaned",
            Self::Unheard => "unheard",
            Self::Carried => "carried",
            Self::AccountWithoutTeam => "account_without_team",
            Self::SilentTeam => "silent_team",
        }
    }

    /// What is wrong, and what to do about it.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Orphaned => "nobody who can act owns it; assign an owner",
            Self::Unheard => {
                "nobody would hear of its end; assign an owner who can be reached, or set audience.catch_all"
            }
            Self::Carried => {
                "an integration hangs on a person; move it to a service account before they leave"
            }
            Self::AccountWithoutTeam => "no team hears for it; give it one",
            Self::SilentTeam => "nobody in it can be reached; give it a mailbox or a member",
        }
    }

    /// The kind of alert that tells of it.
    const fn alert(self) -> Option<AlertKind> {
        match self {
            Self::Orphaned => Some(AlertKind::Orphaned),
            Self::Unheard => Some(AlertKind::Unheard),
            Self::Carried => Some(AlertKind::Carried),
            Self::AccountWithoutTeam | Self::SilentTeam => None,
        }
    }
}

/// The findings of these kinds (none named: of all), by kind and name. Without
/// `credentials:read` about one's own and one's teams' credentials; those about accounts
/// and teams need `people:read` and are left out otherwise.
///
/// # Errors
/// The store's.
pub async fn list_findings(
    ctx: &Context,
    principal: &Principal,
    kinds: &[FindingKind],
) -> Result<Vec<Finding>, AppError> {
    let directory = ctx.store.directory().await?;
    let mut all = Vec::new();
    for kind in FindingKind::ALL {
        if !kinds.is_empty() && !kinds.contains(&kind) {
            continue;
        }
        let mut found = match kind {
            FindingKind::Orphaned => orphans(ctx, principal).await?,
            FindingKind::Unheard | FindingKind::Carried => {
                alerted(ctx, principal, &directory, kind).await?
            }
            _ if !principal.holds("people:read") => Vec::new(),
            FindingKind::AccountWithoutTeam => accounts(&directory),
            FindingKind::SilentTeam => teams(&directory, ctx.now()),
        };
        found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        found.truncate(EACH_MAX);
        all.append(&mut found);
    }
    Ok(all)
}

/// All that work and have nobody, also those of whom nobody was told because no owner was
/// ever known.
async fn orphans(ctx: &Context, principal: &Principal) -> Result<Vec<Finding>, AppError> {
    let filter = CredentialFilter {
        orphaned: Some(true),
        states: vec![State::Active, State::UnknownEnd],
        sort: CredentialSort::Name,
        ..CredentialFilter::default()
    };
    let filter = narrow(ctx, principal, &["credentials:read"], filter).await?;
    let mut alerts = open(ctx, AlertKind::Orphaned).await?;
    let mut request = first_page();
    let mut found = Vec::new();
    loop {
        let page = ctx.store.list_credentials(&filter, &request).await?;
        for (credential, _) in page.items {
            let alert = alerts.remove(&credential.id);
            found.push(about(FindingKind::Orphaned, credential, alert));
        }
        request.after = page.next;
        if request.after.is_none() || found.len() >= EACH_MAX {
            return Ok(found);
        }
    }
}

/// Those of which the sweep found that it is so.
async fn alerted(
    ctx: &Context,
    principal: &Principal,
    directory: &Directory,
    kind: FindingKind,
) -> Result<Vec<Finding>, AppError> {
    let Some(alert) = kind.alert() else {
        return Ok(Vec::new());
    };
    let mut alerts = open(ctx, alert).await?;
    let ids: Vec<CredentialId> = alerts.keys().cloned().collect();
    let sees_all = principal.holds("credentials:read");
    let sight = Sight::of(principal, directory);
    let mut found = Vec::new();
    for ids in ids.chunks(PAGE as usize) {
        let credentials = ctx.store.credentials_of(ids).await?.into_iter();
        for credential in credentials.filter(|c| sees_all || sight.covers(c)) {
            let alert = alerts.remove(&credential.id);
            found.push(about(kind, credential, alert));
        }
    }
    Ok(found)
}

/// The standing alerts of a kind, by their credential.
async fn open(ctx: &Context, kind: AlertKind) -> Result<BTreeMap<CredentialId, Alert>, AppError> {
    let filter = AlertFilter {
        now: ctx.now(),
        kind: Some(kind),
        states: vec![
            AlertState::Open,
            AlertState::Acknowledged,
            AlertState::Snoozed,
        ],
        ..AlertFilter::default()
    };
    let mut request = first_page();
    let mut found = BTreeMap::new();
    loop {
        let page = ctx.store.list_alerts(&filter, &request).await?;
        for alert in page.items {
            if let Subject::Credential(id) = &alert.subject {
                found.insert(id.clone(), alert);
            }
        }
        request.after = page.next;
        if request.after.is_none() || found.len() >= EACH_MAX {
            return Ok(found);
        }
    }
}

fn first_page() -> PageRequest {
    PageRequest {
        limit: PAGE,
        after: None,
    }
}

fn about(kind: FindingKind, credential: Credential, alert: Option<Alert>) -> Finding {
    Finding {
        kind,
        id: credential.id.to_string(),
        name: credential.name.to_string(),
        credential: Some(credential),
        since: alert.as_ref().map(|alert| alert.opened_at),
        alert,
    }
}

fn plain(kind: FindingKind, id: &str, name: &str) -> Finding {
    Finding {
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
        credential: None,
        since: None,
        alert: None,
    }
}

fn accounts(directory: &Directory) -> Vec<Finding> {
    let kind = FindingKind::AccountWithoutTeam;
    let accounts = directory.service_accounts.values();
    accounts
        .filter(|a| a.active && a.team.is_none())
        .map(|a| plain(kind, a.id.as_str(), a.name.as_str()))
        .collect()
}

/// Teams without a mailbox and without anybody who can be reached; of those that were
/// taken away only what still answers for a service account.
fn teams(directory: &Directory, now: Instant) -> Vec<Finding> {
    let kind = FindingKind::SilentTeam;
    let hears = |id: &_| {
        let person = directory.persons.get(id);
        person.is_some_and(|p| p.is_reachable(now))
    };
    let answers = |id: &_| {
        let mut accounts = directory.service_accounts.values();
        accounts.any(|a| a.team.as_ref() == Some(id))
    };
    let teams = directory.teams.values();
    teams
        .filter(|t| t.email.is_none() && !t.members.iter().any(hears))
        .filter(|t| !t.removed || answers(&t.id))
        .map(|t| plain(kind, t.id.as_str(), t.name.as_str()))
        .collect()
}

impl Finding {
    /// The owner of the credential.
    pub fn owner(&self) -> Option<&Owner> {
        self.credential.as_ref()?.owner.as_ref()
    }
}
