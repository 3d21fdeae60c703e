//! What owners and teams are called, and how sources do, for lists that show them beside
//! their ids.

use std::collections::BTreeMap;

use domain::kernel::{SourceId, TeamId};
use domain::people::{Directory, Owner};

use crate::ports::Condition;
use crate::{AppError, Context};

/// What owners and teams are called at one moment, and how sources do. Whoever may see a
/// credential may see the names of those who answer for it, and whether it is still true.
#[derive(Debug)]
pub struct Names {
    directory: Directory,
    sources: BTreeMap<SourceId, Condition>,
}

impl Names {
    /// Reads everybody's name and every source's condition.
    ///
    /// # Errors
    /// The store's.
    pub async fn load(ctx: &Context) -> Result<Self, AppError> {
        let sources = ctx.store.sources().await?.into_iter();
        Ok(Self {
            directory: ctx.store.directory().await?,
            sources: sources.map(|s| (s.id.clone(), s.condition())).collect(),
        })
    }

    /// How a source does; `None` for Forewarn's own tokens and what was forgotten.
    pub fn condition(&self, source: &SourceId) -> Option<Condition> {
        self.sources.get(source).copied()
    }

    /// What an owner is called; `None` when unknown.
    pub fn owner(&self, owner: &Owner) -> Option<String> {
        match owner {
            Owner::Person(id) => self.directory.persons.get(id).map(|p| p.name.to_string()),
            Owner::ServiceAccount(id) => self
                .directory
                .service_accounts
                .get(id)
                .map(|s| s.name.to_string()),
        }
    }

    /// What a team is called; `None` when unknown.
    pub fn team(&self, team: &TeamId) -> Option<String> {
        self.directory.teams.get(team).map(|t| t.name.to_string())
    }
}
