//! Whom can a message reach at all, and who is gathered already?

use std::collections::BTreeSet;

use crate::kernel::{Instant, RoleName};
use crate::people::{Directory, Recipient, Team};

use super::{Audience, AudienceRole, AudienceSettings, Listener, SharedChannel};

/// The role that makes somebody an admin while the configuration names none.
const ADMIN: &str = "Admin";

/// Turns who is meant into who can be reached.
pub(super) struct Reach<'a> {
    pub directory: &'a Directory,
    pub settings: &'a AudienceSettings,
    pub now: Instant,
}

impl Reach<'_> {
    /// Those behind a recipient who can be reached: a team's mailbox or else its members;
    /// nobody for a person who has left, bounced or has no address.
    pub fn expand(&self, recipient: &Recipient) -> Vec<Recipient> {
        match recipient {
            Recipient::Person(id) => {
                let person = self.directory.persons.get(id);
                let reachable = person.is_some_and(|p| p.is_reachable(self.now));
                reachable.then(|| recipient.clone()).into_iter().collect()
            }
            Recipient::Team(id) => {
                let team = self.directory.teams.get(id);
                team.map(|team| self.team(team)).unwrap_or_default()
            }
            Recipient::Address(_) | Recipient::Channel(_) => vec![recipient.clone()],
        }
    }

    /// A team's mailbox, or each member who can be reached.
    pub fn team(&self, team: &Team) -> Vec<Recipient> {
        if team.email.is_some() {
            return vec![Recipient::Team(team.id.clone())];
        }
        let members = team.members.iter().cloned().map(Recipient::Person);
        members.flat_map(|member| self.expand(&member)).collect()
    }

    /// The admins of the configuration; while it names none, everybody with the role.
    pub fn admins(&self) -> Vec<Recipient> {
        let named = &self.settings.admins;
        if !named.is_empty() {
            return named.iter().flat_map(|admin| self.expand(admin)).collect();
        }
        let is_admin = |role: &RoleName| role.as_str() == ADMIN;
        let persons = self.directory.persons.values();
        let admins = persons.filter(|p| p.roles.iter().any(is_admin));
        let admins = admins.map(|p| Recipient::Person(p.id.clone()));
        admins.flat_map(|admin| self.expand(&admin)).collect()
    }

    /// The last resort.
    pub fn catch_all(&self) -> Vec<Recipient> {
        let addresses = self.settings.catch_all.iter().cloned();
        addresses.map(Recipient::Address).collect()
    }
}

/// Everybody gathered so far; nobody, and no address, twice.
pub(super) struct Hall<'a> {
    directory: &'a Directory,
    listeners: Vec<Listener>,
    addresses: BTreeSet<String>,
}

impl<'a> Hall<'a> {
    /// An empty one.
    pub fn new(directory: &'a Directory) -> Self {
        Self {
            directory,
            listeners: Vec::new(),
            addresses: BTreeSet::new(),
        }
    }

    /// Adds those who are not there yet; whether `recipients` held a way to a person at
    /// all.
    pub fn add(&mut self, recipients: Vec<Recipient>, role: AudienceRole, reason: &str) -> bool {
        let mut somebody = false;
        for recipient in recipients {
            somebody |= !matches!(recipient, Recipient::Channel(_));
            if self.is_here(&recipient) {
                continue;
            }
            self.addresses.extend(self.address(&recipient));
            self.listeners.push(Listener {
                recipient,
                role,
                reason: reason.to_owned(),
            });
        }
        somebody
    }

    /// Whether anybody who answers for it hears: not somebody who only asked to, and where
    /// it is `orphaned` not the owner either.
    pub fn has_accountable(&self, orphaned: bool) -> bool {
        self.listeners.iter().any(|l| {
            let answers = match l.role {
                AudienceRole::Owner => !orphaned,
                AudienceRole::Watcher | AudienceRole::Channel | AudienceRole::Pager => false,
                _ => true,
            };
            answers && !matches!(l.recipient, Recipient::Channel(_))
        })
    }

    /// Adds the shared channels and closes the doors.
    pub fn finish(mut self, shared: &[SharedChannel], page: bool) -> Audience {
        let mut shared: Vec<&SharedChannel> = shared.iter().filter(|c| page || !c.pager).collect();
        shared.sort();
        for channel in shared {
            let (role, reason) = if channel.pager {
                (AudienceRole::Pager, "on call")
            } else {
                (AudienceRole::Channel, "shared channel")
            };
            self.add(vec![Recipient::Channel(channel.id.clone())], role, reason);
        }
        let is_person = |l: &Listener| !matches!(l.recipient, Recipient::Channel(_));
        Audience {
            nobody: !self.listeners.iter().any(is_person),
            listeners: self.listeners,
        }
    }

    fn is_here(&self, recipient: &Recipient) -> bool {
        let same = self.listeners.iter().any(|l| l.recipient == *recipient);
        same || self
            .address(recipient)
            .is_some_and(|a| self.addresses.contains(&a))
    }

    /// Where the message would go, so that one mailbox hears once.
    fn address(&self, recipient: &Recipient) -> Option<String> {
        let email = match recipient {
            Recipient::Person(id) => self.directory.persons.get(id)?.email.as_ref()?,
            Recipient::Team(id) => self.directory.teams.get(id)?.email.as_ref()?,
            Recipient::Address(email) => email,
            Recipient::Channel(_) => return None,
        };
        Some(email.as_str().to_lowercase())
    }
}
