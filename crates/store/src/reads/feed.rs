//! What verifying needs to stay current.

use app::ports::{FeedMark, FeedReads, StoreError};
use async_trait::async_trait;
use domain::inventory::Credential;
use domain::kernel::CredentialId;
use domain::token::Token;

use super::credentials::credential_of;
use super::one;
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::{Row, Stmt};

fn issued_of(row: &Row) -> Result<(Credential, Token), StoreError> {
    Ok((credential_of(row)?, row.doc(3, "tokens")?))
}

#[async_trait]
impl<D: Db> FeedReads for Engine<D> {
    async fn tokens_after(
        &self,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<(Credential, Token)>, StoreError> {
        // PostgreSQL does not conclude the second bound from the first: where it merges both
        // tables it would read one of them from its beginning for each page.
        let sql = "SELECT c.id, c.doc, c.last_used_at, t.doc FROM tokens t \
                   JOIN credentials c ON c.id = t.id WHERE t.id > $1 AND c.id > $1 \
                   ORDER BY t.id LIMIT $2";
        // No id is empty.
        let after = after.map_or("", CredentialId::as_str);
        let rows = self
            .db
            .read(Stmt::passing(sql, vec![after.into(), limit.into()]))
            .await?;
        rows.iter().map(issued_of).collect()
    }

    fn is_shared(&self) -> bool {
        D::SHARED
    }

    async fn feed_mark(&self) -> Result<FeedMark, StoreError> {
        // One statement, so that all three are of one moment.
        let sql = "SELECT (SELECT MAX(rev) FROM feed), {oldest_under_way}, {next_to_begin}";
        let row = one(&self.db, sql, Vec::new()).await?;
        let number = |at| row.as_ref().and_then(|row| row.opt_int(at)).unwrap_or(0);
        Ok(FeedMark {
            revision: number(0),
            over: number(1),
            begun: number(2),
        })
    }

    async fn tokens_changed_after(
        &self,
        revision: i64,
    ) -> Result<(Vec<(Credential, Token)>, bool), StoreError> {
        let sql = "SELECT c.id, c.doc, c.last_used_at, t.doc FROM feed f \
                   JOIN tokens t ON t.id = f.id JOIN credentials c ON c.id = f.id \
                   WHERE f.kind = 'token' AND f.rev > $1 ORDER BY f.rev";
        let rows = self.db.read(Stmt::new(sql, vec![revision.into()])).await?;
        let others = "SELECT 1 FROM feed WHERE rev > $1 AND kind <> 'token' LIMIT 1";
        let changed = one(&self.db, others, vec![revision.into()])
            .await?
            .is_some();
        let tokens: Result<Vec<_>, _> = rows.iter().map(issued_of).collect();
        Ok((tokens?, changed))
    }
}
