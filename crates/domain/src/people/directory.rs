//! Everybody, as one value that decisions can be given.

use std::collections::BTreeMap;

use crate::kernel::{Email, Instant, PersonId, RoleName, ServiceAccountId, TeamId};

use super::{Owner, Person, Recipient, ServiceAccount, Team};

/// All persons, teams and service accounts at one moment.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// By id.
    pub persons: BTreeMap<PersonId, Person>,
    /// By id.
    pub teams: BTreeMap<TeamId, Team>,
    /// By id.
    pub service_accounts: BTreeMap<ServiceAccountId, ServiceAccount>,
}

impl Directory {
    /// The team of this name or id; names are compared exactly.
    pub fn team_named(&self, name_or_id: &str) -> Option<&Team> {
        self.teams
            .values()
            .find(|t| t.id.as_str() == name_or_id || t.name.as_str() == name_or_id)
    }

    /// When a person leaves who owns something; `None` where nobody does, a service account
    /// does, or the person stays.
    pub fn leaving_of(&self, owner: Option<&Owner>) -> Option<Instant> {
        match owner {
            Some(Owner::Person(id)) => self.persons.get(id)?.leaves_at,
            _ => None,
        }
    }

    /// The person with this address, compared without regard to ASCII case.
    pub fn person_by_email(&self, email: &Email) -> Option<&Person> {
        self.persons.values().find(|p| {
            p.email
                .as_ref()
                .is_some_and(|e| e.as_str().eq_ignore_ascii_case(email.as_str()))
        })
    }

    /// Whom a word of the configuration means: `team:NAME` or `team:ID`, an address,
    /// `person:ID`, a person's id; `None` when it means nobody.
    pub fn recipient_named(&self, word: &str) -> Option<Recipient> {
        if let Some(team) = word.strip_prefix("team:") {
            return Some(Recipient::Team(self.team_named(team)?.id.clone()));
        }
        let address = word.strip_prefix("address:").unwrap_or(word);
        if let Ok(email) = Email::parse(address) {
            return Some(match self.person_by_email(&email) {
                Some(person) => Recipient::Person(person.id.clone()),
                None => Recipient::Address(email),
            });
        }
        let id = PersonId::parse(word.strip_prefix("person:").unwrap_or(word)).ok()?;
        let known = self.persons.contains_key(&id);
        known.then_some(Recipient::Person(id))
    }

    /// The owner of this id, address, or name of a service account; `None` for nobody.
    pub fn owner_named(&self, word: &str) -> Option<Owner> {
        let known = Owner::parse(word).ok().filter(|owner| match owner {
            Owner::Person(id) => self.persons.contains_key(id),
            Owner::ServiceAccount(id) => self.service_accounts.contains_key(id),
        });
        let person = || {
            let person = self.person_by_email(&Email::parse(word).ok()?)?;
            Some(Owner::Person(person.id.clone()))
        };
        let account = || {
            let mut accounts = self.service_accounts.values();
            let account = accounts.find(|a| a.name.as_str() == word)?;
            Some(Owner::ServiceAccount(account.id.clone()))
        };
        known.or_else(person).or_else(account)
    }

    /// Whether the owner exists and may act at `now`.
    pub fn owner_is_active(&self, owner: &Owner, now: Instant) -> bool {
        match owner {
            Owner::Person(id) => self.persons.get(id).is_some_and(|p| p.is_present(now)),
            Owner::ServiceAccount(id) => self.service_accounts.get(id).is_some_and(|s| s.active),
        }
    }

    /// What the owner is called; the id when it is unknown.
    pub fn owner_name<'a>(&'a self, owner: &'a Owner) -> &'a str {
        let name = match owner {
            Owner::Person(id) => self.persons.get(id).map(|p| p.name.as_str()),
            Owner::ServiceAccount(id) => self.service_accounts.get(id).map(|s| s.name.as_str()),
        };
        name.unwrap_or_else(|| owner.as_str())
    }

    /// The roles the owner holds now; none when unknown.
    pub fn owner_roles(&self, owner: &Owner) -> impl Iterator<Item = &RoleName> {
        let roles = match owner {
            Owner::Person(id) => self.persons.get(id).map(|p| &p.roles),
            Owner::ServiceAccount(id) => self.service_accounts.get(id).map(|s| &s.roles),
        };
        roles.into_iter().flatten()
    }

    /// The teams a person belongs to.
    pub fn teams_of<'a>(&'a self, person: &'a PersonId) -> impl Iterator<Item = &'a Team> {
        self.teams
            .values()
            .filter(move |t| t.members.contains(person))
    }

    /// The team itself, its parent, and so on upwards; a loop ends the walk.
    pub fn line_of(&self, team: &TeamId) -> Vec<&Team> {
        let mut line: Vec<&Team> = Vec::new();
        let mut next = self.teams.get(team);
        while let Some(team) = next {
            if line.iter().any(|seen| seen.id == team.id) {
                break;
            }
            line.push(team);
            next = team.parent.as_ref().and_then(|id| self.teams.get(id));
        }
        line
    }
}
