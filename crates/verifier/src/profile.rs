//! What many tokens share: owner, roles, scopes, and what these are worth now.
//!
//! A changed role or owner changes the profiles, of which there are few, and with them
//! every token at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use domain::access::{Grant, Roles, effective};
use domain::kernel::{Instant, RoleName, SourceId};
use domain::people::{Directory, Owner};

/// What makes two tokens alike.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Likeness {
    pub(crate) owner: Owner,
    pub(crate) roles: Vec<RoleName>,
    /// The words of the token's own scopes.
    pub(crate) scopes: Vec<String>,
    pub(crate) ingest_source: Option<SourceId>,
}

/// What a likeness is worth now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) grant: Arc<Grant>,
    pub(crate) owner_active: bool,
    pub(crate) owner_leaves_at: Option<Instant>,
}

#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) alike: Arc<Likeness>,
    pub(crate) standing: ArcSwap<Standing>,
}

/// All profiles, and the roles and people they are computed from.
#[derive(Debug, Default)]
pub(crate) struct Profiles(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    roles: Arc<Roles>,
    directory: Arc<Directory>,
    known: HashMap<Arc<Likeness>, Arc<Profile>>,
}

impl Profiles {
    /// The profile of this likeness, made if it is new.
    pub(crate) fn of(&self, alike: Likeness) -> Arc<Profile> {
        let mut tables = self.lock();
        if let Some(profile) = tables.known.get(&alike) {
            return Arc::clone(profile);
        }
        let standing = ArcSwap::from_pointee(tables.standing(&alike));
        let alike = Arc::new(alike);
        let profile = Arc::new(Profile {
            alike: Arc::clone(&alike),
            standing,
        });
        tables.known.insert(alike, Arc::clone(&profile));
        profile
    }

    /// Takes new roles and people and computes every profile again; forgets those that
    /// no token has any more.
    pub(crate) fn refresh(&self, roles: Arc<Roles>, directory: Arc<Directory>) {
        let mut tables = self.lock();
        tables.roles = roles;
        tables.directory = directory;
        tables
            .known
            .retain(|_, profile| Arc::strong_count(profile) > 1);
        for profile in tables.known.values() {
            let standing = tables.standing(&profile.alike);
            // What stays the same stays the very same: texts of it are good by that.
            if **profile.standing.load() != standing {
                profile.standing.store(Arc::new(standing));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn standing(&self, alike: &Likeness) -> Standing {
        // The words came out of a grant, so they always make one.
        let scopes = Grant::parse(&alike.scopes).unwrap_or_default();
        let (owner_active, owner_leaves_at) = match &alike.owner {
            Owner::Person(id) => {
                let person = self.directory.persons.get(id);
                (
                    person.is_some_and(|p| p.active),
                    person.and_then(|p| p.leaves_at),
                )
            }
            Owner::ServiceAccount(id) => {
                let account = self.directory.service_accounts.get(id);
                (account.is_some_and(|a| a.active), None)
            }
        };
        let grant = effective(
            &alike.roles,
            &scopes,
            &alike.owner,
            &self.directory,
            &self.roles,
        );
        Standing {
            grant: Arc::new(grant),
            owner_active,
            owner_leaves_at,
        }
    }
}
