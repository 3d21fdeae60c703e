//! Reads of people and roles.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::ports::{PeopleReads, StoreError};
use async_trait::async_trait;
use domain::access::Role;
use domain::kernel::{PersonId, RoleName, ServiceAccountId, TeamId};
use domain::people::{Directory, Person, ServiceAccount, Team};

use super::{document, documents, one};
use crate::db::Db;
use crate::engine::Engine;

#[async_trait]
impl<D: Db> PeopleReads for Engine<D> {
    async fn directory(&self) -> Result<Arc<Directory>, StoreError> {
        let mark = mark(&self.db).await?;
        match self.everybody.at(mark) {
            Some(directory) => Ok(directory),
            None => Ok(self.everybody.keep(mark, directory(&self.db).await?)),
        }
    }

    async fn roles(&self) -> Result<Arc<BTreeMap<RoleName, Role>>, StoreError> {
        let mark = mark(&self.db).await?;
        match self.roles.at(mark) {
            Some(roles) => Ok(roles),
            None => Ok(self.roles.keep(mark, roles(&self.db).await?)),
        }
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

/// A number that is another after each change of people and roles. Taken before they are read:
/// what is kept under it may be newer, never older.
async fn mark<D: Db>(db: &D) -> Result<i64, StoreError> {
    // With one writer revisions are seen in their order. With several a lower one may be seen
    // after a higher one, but each change raises the sum.
    let sql = match D::SHARED {
        true => "SELECT CAST(SUM(rev) AS {i64}) FROM feed WHERE kind <> 'token'",
        false => "SELECT MAX(rev) FROM feed WHERE kind <> 'token'",
    };
    let row = one(db, sql, Vec::new()).await?;
    Ok(row.and_then(|row| row.opt_int(0)).unwrap_or(0))
}

async fn directory(db: &impl Db) -> Result<Directory, StoreError> {
    let people: Vec<Person> =
        documents(db, "people", "SELECT id, doc FROM people", Vec::new()).await?;
    let teams: Vec<Team> = documents(db, "teams", "SELECT id, doc FROM teams", Vec::new()).await?;
    let sql = "SELECT id, doc FROM service_accounts";
    let accounts: Vec<ServiceAccount> = documents(db, "service_accounts", sql, Vec::new()).await?;
    Ok(Directory {
        persons: people.into_iter().map(|p| (p.id.clone(), p)).collect(),
        teams: teams.into_iter().map(|t| (t.id.clone(), t)).collect(),
        service_accounts: accounts.into_iter().map(|a| (a.id.clone(), a)).collect(),
    })
}

async fn roles(db: &impl Db) -> Result<BTreeMap<RoleName, Role>, StoreError> {
    let roles: Vec<Role> = documents(db, "roles", "SELECT id, doc FROM roles", Vec::new()).await?;
    Ok(roles.into_iter().map(|r| (r.name.clone(), r)).collect())
}
