//! Reads of people and roles.

use std::collections::BTreeMap;

use app::ports::{PeopleReads, StoreError};
use async_trait::async_trait;
use domain::access::Role;
use domain::kernel::{PersonId, RoleName, ServiceAccountId, TeamId};
use domain::people::{Directory, Person, ServiceAccount, Team};

use super::{document, documents};
use crate::db::Db;
use crate::engine::Engine;

#[async_trait]
impl<D: Db> PeopleReads for Engine<D> {
    async fn directory(&self) -> Result<Directory, StoreError> {
        let people: Vec<Person> =
            documents(&self.db, "people", "SELECT id, doc FROM people", Vec::new()).await?;
        let teams: Vec<Team> =
            documents(&self.db, "teams", "SELECT id, doc FROM teams", Vec::new()).await?;
        let sql = "SELECT id, doc FROM service_accounts";
        let accounts: Vec<ServiceAccount> =
            documents(&self.db, "service_accounts", sql, Vec::new()).await?;
        Ok(Directory {
            persons: people.into_iter().map(|p| (p.id.clone(), p)).collect(),
            teams: teams.into_iter().map(|t| (t.id.clone(), t)).collect(),
            service_accounts: accounts.into_iter().map(|a| (a.id.clone(), a)).collect(),
        })
    }

    async fn roles(&self) -> Result<BTreeMap<RoleName, Role>, StoreError> {
        let roles: Vec<Role> =
            documents(&self.db, "roles", "SELECT id, doc FROM roles", Vec::new()).await?;
        Ok(roles.into_iter().map(|r| (r.name.clone(), r)).collect())
    }

    async fn person(&self, id: &PersonId) -> Result<Option<Person>, StoreError> {
        let sql = "SELECT id, doc FROM people WHERE id = $1";
        document(&self.db, "people", sql, id.as_str()).await
    }

    async fn team(&self, id: &TeamId) -> Result<Option<Team>, StoreError> {
        let sql = "SELECT id, doc FROM teams WHERE id = $1";
        document(&self.db, "teams", sql, id.as_str()).await
    }

    async fn service_account(
        &self,
        id: &ServiceAccountId,
    ) -> Result<Option<ServiceAccount>, StoreError> {
        let sql = "SELECT id, doc FROM service_accounts WHERE id = $1";
        document(&self.db, "service_accounts", sql, id.as_str()).await
    }
}
