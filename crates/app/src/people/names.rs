//! What owners and teams are called, for lists that show them beside their ids.

use domain::kernel::TeamId;
use domain::people::{Directory, Owner};

use crate::{AppError, Context};

/// What owners and teams are called at one moment. Whoever may see a credential may see
/// the names of those who answer for it.
#[derive(Debug)]
pub struct Names(Directory);

impl Names {
    /// Reads everybody's name.
    ///
    /// # Errors
    /// The store's.
    pub async fn load(ctx: &Context) -> Result<Self, AppError> {
        Ok(Self(ctx.store.directory().await?))
    }

    /// What an owner is called; `None` when unknown.
    pub fn owner(&self, owner: &Owner) -> Option<String> {
        match owner {
            Owner::Person(id) => self.0.persons.get(id).map(|p| p.name.to_string()),
            Owner::ServiceAccount(id) => {
                self.0.service_accounts.get(id).map(|s| s.name.to_string())
            }
        }
    }

    /// What a team is called; `None` when unknown.
    pub fn team(&self, team: &TeamId) -> Option<String> {
        self.0.teams.get(team).map(|t| t.name.to_string())
    }
}
