//! People, roles, who is signed in, and the addresses they handed out.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::access::Role;
use domain::kernel::{PersonId, RoleName, ServiceAccountId, SessionId, SubscriptionId, TeamId};
use domain::people::{Directory, Person, ServiceAccount, Team};

use crate::ports::{Password, Session, Subscription};

use super::StoreError;

/// Reads of people and roles.
#[async_trait]
pub trait PeopleReads {
    /// Everybody, as they stand at this moment; kept in memory until somebody changes.
    async fn directory(&self) -> Result<Arc<Directory>, StoreError>;
    /// All roles, by name, as they stand at this moment; kept in memory likewise.
    async fn roles(&self) -> Result<Arc<BTreeMap<RoleName, Role>>, StoreError>;
    /// One person.
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, StoreError>;
    /// One team.
    async fn team(&self, id: &TeamId) -> Result<Option<Team>, StoreError>;
    /// One service account.
    async fn service_account(
        &self,
        id: &ServiceAccountId,
    ) -> Result<Option<ServiceAccount>, StoreError>;
}

/// Reads of who is signed in, and of what proves a password.
#[async_trait]
pub trait SessionReads {
    /// The session of this id, also when its time is over.
    async fn session(&self, id: &SessionId) -> Result<Option<Session>, StoreError>;
    /// All kept sessions of a person, by id.
    async fn sessions_of(&self, person: &PersonId) -> Result<Vec<Session>, StoreError>;
    /// What proves a person's password.
    async fn password(&self, person: &PersonId) -> Result<Option<Password>, StoreError>;
}

/// Reads of calendar and feed addresses.
#[async_trait]
pub trait SubscriptionReads {
    /// The one whose address begins with this id.
    async fn subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError>;
    /// All of them, by id.
    async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError>;
}
