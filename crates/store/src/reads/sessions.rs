//! Reads of who is signed in, and of what proves a password.

use app::ports::{Password, Session, SessionReads, StoreError};
use async_trait::async_trait;
use domain::kernel::{PersonId, SessionId};

use super::{document, documents};
use crate::db::Db;
use crate::engine::Engine;

#[async_trait]
impl<D: Db> SessionReads for Engine<D> {
    async fn session(&self, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let sql = "SELECT id, doc FROM sessions WHERE id = $1";
        document(&self.db, "sessions", sql, id.as_str()).await
    }

    async fn sessions_of(&self, person: &PersonId) -> Result<Vec<Session>, StoreError> {
        let sql = "SELECT id, doc FROM sessions WHERE person = $1 ORDER BY id";
        documents(&self.db, "sessions", sql, vec![person.as_str().into()]).await
    }

    async fn password(&self, person: &PersonId) -> Result<Option<Password>, StoreError> {
        let sql = "SELECT id, doc FROM passwords WHERE id = $1";
        document(&self.db, "passwords", sql, person.as_str()).await
    }
}
