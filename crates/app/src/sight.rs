//! Who may see and handle what: one's own, one's teams', or all with a scope. A connector
//! token only pushes: what its owner holds is not its own.

use domain::inventory::Credential;
use domain::kernel::TeamId;
use domain::people::{Directory, Owner};

use crate::ports::CredentialFilter;
use crate::{AppError, Context, Principal};

/// What a caller is close to.
pub(crate) struct Sight {
    /// `None` for a connector token, which is close to nothing.
    owner: Option<Owner>,
    teams: Vec<TeamId>,
}

impl Sight {
    /// Looks up the caller's teams: those a person is a member of, or that of a service
    /// account.
    pub(crate) fn of(principal: &Principal, directory: &Directory) -> Self {
        if principal.ingest_source.is_some() {
            return Self {
                owner: None,
                teams: Vec::new(),
            };
        }
        let teams = match &principal.owner {
            Owner::Person(id) => directory.teams_of(id).map(|t| t.id.clone()).collect(),
            Owner::ServiceAccount(id) => {
                let account = directory.service_accounts.get(id);
                account.and_then(|a| a.team.clone()).into_iter().collect()
            }
        };
        Self {
            owner: Some(principal.owner.clone()),
            teams,
        }
    }

    /// Whether the caller owns it or belongs to its team.
    pub(crate) fn covers(&self, credential: &Credential) -> bool {
        self.covers_of(credential.owner.as_ref(), credential.team.as_ref())
    }

    /// Whether this is the caller's own owner.
    pub(crate) fn is(&self, owner: &Owner) -> bool {
        self.owner.as_ref() == Some(owner)
    }

    /// Whether the caller belongs to this team.
    pub(crate) fn belongs_to(&self, team: &TeamId) -> bool {
        self.teams.contains(team)
    }

    /// Whether the caller owns it or belongs to its team, whatever it is.
    pub(crate) fn covers_of(&self, owner: Option<&Owner>, team: Option<&TeamId>) -> bool {
        owner.is_some_and(|owner| self.is(owner)) || team.is_some_and(|t| self.belongs_to(t))
    }

    /// Whether the caller belongs to this team.
    pub(crate) fn is_of(&self, team: &TeamId) -> bool {
        self.teams.contains(team)
    }

    /// Owner and teams as filters name them.
    pub(crate) fn filter(self) -> (String, Vec<TeamId>) {
        // Nobody's id is empty.
        let owner = self.owner.map_or_else(String::new, |o| o.to_string());
        (owner, self.teams)
    }
}

/// Narrows a filter to what the caller may see: all with one of the scopes.
pub(crate) async fn narrow(
    ctx: &Context,
    principal: &Principal,
    scopes: &[&str],
    filter: CredentialFilter,
) -> Result<CredentialFilter, AppError> {
    let visible_to = if scopes.iter().any(|scope| principal.holds(scope)) {
        None
    } else {
        let directory = ctx.store.directory().await?;
        Some(Sight::of(principal, &directory).filter())
    };
    Ok(CredentialFilter {
        now: ctx.now(),
        visible_to,
        ..filter
    })
}

/// Whether the caller may see or handle this credential: owner, team, or one of the
/// scopes.
pub(crate) async fn reaches(
    ctx: &Context,
    principal: &Principal,
    scopes: &[&str],
    credential: &Credential,
) -> Result<bool, AppError> {
    if scopes.iter().any(|scope| principal.holds(scope)) {
        return Ok(true);
    }
    if principal.ingest_source.is_some() {
        return Ok(false);
    }
    // The own owner needs no look at the directory.
    if credential.owner.as_ref() == Some(&principal.owner) {
        return Ok(true);
    }
    let directory = ctx.store.directory().await?;
    Ok(Sight::of(principal, &directory).covers(credential))
}
