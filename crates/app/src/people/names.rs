//! What owners and teams are called, and how sources do, for lists that show them beside
//! their ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::kernel::{Instant, PersonId, SourceId, TeamId};
use domain::people::{Directory, Owner, Recipient};

use crate::ports::Condition;
use crate::{AppError, Context};

/// What owners and teams are called at one moment, and how sources do. Whoever may see a
/// credential may see the names of those who answer for it, and whether it is still true.
#[derive(Debug)]
pub struct Names {
    directory: Arc<Directory>,
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

    /// Whether an owner can act at an instant; one who left cannot.
    pub fn is_present(&self, owner: &Owner, now: Instant) -> bool {
        self.directory.owner_is_active(owner, now)
    }

    /// How people write an owner: by address where there is one, else by id.
    pub fn written(&self, owner: &Owner) -> String {
        let address = match owner {
            Owner::Person(id) => self
                .directory
                .persons
                .get(id)
                .and_then(|p| p.email.as_ref()),
            Owner::ServiceAccount(_) => None,
        };
        address.map_or_else(|| owner.to_string(), ToString::to_string)
    }

    /// What somebody who can be told something is called.
    pub fn recipient(&self, recipient: &Recipient) -> String {
        let known = match recipient {
            Recipient::Person(id) => self.owner(&Owner::Person(id.clone())),
            Recipient::Team(id) => self.team(id),
            Recipient::Address(email) => {
                let person = self.directory.person_by_email(email);
                let name = person.and_then(|p| self.owner(&Owner::Person(p.id.clone())));
                name.or_else(|| Some(email.to_string()))
            }
            Recipient::Channel(id) => Some(id.to_string()),
        };
        known.unwrap_or_else(|| recipient.to_string())
    }

    /// What those are called whom the configuration names as admins; empty while it names
    /// nobody, for then everybody with the role is one.
    pub fn named_admins(&self, ctx: &Context) -> Vec<String> {
        let settings = ctx.settings.load();
        let words = settings.audience.admins.iter();
        let named = words.filter_map(|word| self.directory.recipient_named(word));
        named.map(|admin| self.recipient(&admin)).collect()
    }

    /// Whom the audit log means by an actor: a person's name, not an id.
    pub fn actor(&self, actor: &str) -> String {
        if let Some(to) = actor.strip_prefix("link:") {
            return format!("{}, through a link in a message", self.by_link(to));
        }
        let owner = actor
            .rsplit(' ')
            .next()
            .and_then(|id| Owner::parse(id).ok());
        let known = owner.and_then(|owner| self.owner(&owner));
        known.unwrap_or_else(|| actor.to_owned())
    }

    /// To whom the link was sent that somebody pressed.
    fn by_link(&self, to: &str) -> String {
        match Recipient::parse(to) {
            Ok(recipient) => self.recipient(&recipient),
            Err(_) => {
                let person = PersonId::parse(to).ok().map(Owner::Person);
                let known = person.and_then(|person| self.owner(&person));
                known.unwrap_or_else(|| to.to_owned())
            }
        }
    }

    /// The ids of all sources that were ever read.
    pub fn sources(&self) -> Vec<String> {
        self.sources.keys().map(ToString::to_string).collect()
    }

    /// Whether somebody belongs to a team.
    pub fn belongs(&self, owner: &Owner, team: &TeamId) -> bool {
        let team = self.directory.teams.get(team);
        match owner {
            Owner::Person(id) => team.is_some_and(|team| team.members.contains(id)),
            Owner::ServiceAccount(_) => false,
        }
    }

    /// What a team is called; `None` when unknown.
    pub fn team(&self, team: &TeamId) -> Option<String> {
        self.directory.teams.get(team).map(|t| t.name.to_string())
    }
}
