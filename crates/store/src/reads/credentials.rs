//! Reads of credentials, tokens and sources.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;

use app::ports::{CredentialFilter, CredentialReads, Page, PageRequest, SourceState, StoreError};
use async_trait::async_trait;
use domain::inventory::{Credential, DaysOfUse, Watch};
use domain::kernel::{CredentialId, Instant, SourceId, Span};
use domain::token::Token;

use super::credential_filter::conditions;
use super::credential_page::{count, page};
use super::{document, documents, one};
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::{Query, Row, Stmt, list};

const TABLE: &str = "credentials";

/// A credential from its id, document and last use.
pub(crate) fn credential_of(row: &Row) -> Result<Credential, StoreError> {
    let mut credential: Credential = row.doc(1, TABLE)?;
    credential.last_used_at = row.opt_instant(2);
    Ok(credential)
}

/// The same with the document of its token, where there is one.
pub(crate) fn pair_of(row: &Row) -> Result<(Credential, Option<Token>), StoreError> {
    let token = row.opt_text(3).map(|_| row.doc(3, "tokens")).transpose()?;
    Ok((credential_of(row)?, token))
}

#[async_trait]
impl<D: Db> CredentialReads for Engine<D> {
    async fn credential(&self, id: &CredentialId) -> Result<Option<Credential>, StoreError> {
        let sql = "SELECT id, doc, last_used_at FROM credentials WHERE id = $1";
        let row = one(&self.db, sql, vec![id.as_str().into()]).await?;
        row.as_ref().map(credential_of).transpose()
    }

    async fn watches(&self) -> Result<Vec<Watch>, StoreError> {
        let sql = "SELECT id, doc FROM watches ORDER BY id";
        documents(&self.db, "watches", sql, Vec::new()).await
    }

    async fn credentials_of(&self, ids: &[CredentialId]) -> Result<Vec<Credential>, StoreError> {
        let sql = "SELECT id, doc, last_used_at FROM credentials \
                   WHERE id IN (SELECT l.item FROM {list:1} AS l)";
        let ids = list(ids.iter().map(CredentialId::as_str));
        let rows = self.db.read(Stmt::new(sql, vec![ids])).await?;
        rows.iter().map(credential_of).collect()
    }

    async fn list_credentials(
        &self,
        filter: &CredentialFilter,
        request: &PageRequest,
    ) -> Result<Page<(Credential, Option<Token>)>, StoreError> {
        page(&self.db, filter, request).await
    }

    async fn count_credentials(&self, filter: &CredentialFilter) -> Result<u64, StoreError> {
        count(&self.db, filter).await
    }

    async fn ends_by_day(
        &self,
        filter: &CredentialFilter,
        days: Range<i64>,
        ahead: Span,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        let mut query = Query::new(BY_DAY);
        query.bind(ahead.as_micros());
        let texts: Vec<String> = days.map(|day| day.to_string()).collect();
        let days = query.bind(list(texts.iter().map(String::as_str)));
        query.also(ENDS_THAT_DAY);
        conditions(&mut query, filter);
        let end = format!(") FROM {{list:{days}}} AS l ORDER BY 1");
        let rows = self.db.read(query.counted(&end)).await?;
        let of = |row: &Row| {
            let count = u64::try_from(row.int(1, TABLE)?).unwrap_or(0);
            Ok((row.int(0, TABLE)?, count))
        };
        let counted: Result<Vec<_>, _> = rows.iter().map(of).collect();
        Ok(counted?
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect())
    }

    async fn token(&self, id: &CredentialId) -> Result<Option<Token>, StoreError> {
        let sql = "SELECT id, doc FROM tokens WHERE id = $1";
        document(&self.db, "tokens", sql, id.as_str()).await
    }

    async fn uses(&self, id: &CredentialId) -> Result<u64, StoreError> {
        let sql = "SELECT uses FROM credentials WHERE id = $1";
        let row = one(&self.db, sql, vec![id.as_str().into()]).await?;
        let uses = row.and_then(|row| row.opt_int(0)).unwrap_or(0);
        Ok(u64::try_from(uses).unwrap_or(0))
    }

    async fn used_from(&self, id: &CredentialId) -> Result<Option<IpAddr>, StoreError> {
        let sql = "SELECT id, last_used_from FROM credentials WHERE id = $1";
        let row = one(&self.db, sql, vec![id.as_str().into()]).await?;
        let Some(row) = row.filter(|row| row.opt_text(1).is_some()) else {
            return Ok(None);
        };
        row.parsed(1, "credentials", str::parse).map(Some)
    }

    async fn first_use(&self, id: &CredentialId) -> Result<Option<Instant>, StoreError> {
        let sql = "SELECT first_used_at FROM credentials WHERE id = $1";
        let row = one(&self.db, sql, vec![id.as_str().into()]).await?;
        Ok(row.and_then(|row| row.opt_instant(0)))
    }

    async fn days_of_use(
        &self,
        ids: &[CredentialId],
    ) -> Result<BTreeMap<CredentialId, DaysOfUse>, StoreError> {
        let sql = "SELECT id, used_day, used_days FROM credentials \
                   WHERE id IN (SELECT l.item FROM {list:1} AS l) AND used_days IS NOT NULL";
        let ids = list(ids.iter().map(CredentialId::as_str));
        let rows = self.db.read(Stmt::new(sql, vec![ids])).await?;
        let of = |row: &Row| {
            let id = row.parsed(0, TABLE, |id| CredentialId::parse(id))?;
            let (newest, mask) = (row.int(1, TABLE)?, row.int(2, TABLE)?);
            let days = DaysOfUse::from_parts(newest, mask);
            days.map(|days| (id, days))
                .ok_or_else(|| row.corrupt(TABLE))
        };
        rows.iter().map(of).collect()
    }

    async fn possible_successors(&self, of: &Credential) -> Result<Vec<Credential>, StoreError> {
        let owner = of.owner.as_ref().map(|o| o.as_str());
        let issuer_owner = of.issuer_owner.as_ref().map(|o| o.id.as_str());
        let mut query = Query::new("SELECT c.id, c.doc, c.last_used_at FROM credentials c");
        match (owner, issuer_owner) {
            _ if !of.name_is_given => return Ok(Vec::new()),
            (Some(owner), _) => query.with("c.owner = $#", owner),
            (None, Some(owner)) => query.with("c.owner IS NULL AND c.issuer_owner = $#", owner),
            // Nobody is no owner: two of nobody's credentials have nothing in common.
            (None, None) => return Ok(Vec::new()),
        }
        query.with("c.source = $#", of.source.as_str());
        query.with("c.name = $#", of.name.as_str());
        query.also("c.name_is_given");
        query.with("c.id <> $#", of.id.as_str());
        let since = of.created_at.unwrap_or(of.first_seen_at);
        query.with("COALESCE(c.created_at, c.first_seen_at) > $#", since);
        let order = "COALESCE(c.created_at, c.first_seen_at), c.id";
        let rows = self.db.read(query.ordered(order, SUCCESSORS_MAX)).await?;
        rows.iter().map(credential_of).collect()
    }

    async fn sources(&self) -> Result<Vec<SourceState>, StoreError> {
        let sql = "SELECT id, doc FROM sources ORDER BY id";
        documents(&self.db, "sources", sql, Vec::new()).await
    }

    async fn source(&self, id: &SourceId) -> Result<Option<SourceState>, StoreError> {
        let sql = "SELECT id, doc FROM sources WHERE id = $1";
        document(&self.db, "sources", sql, id.as_str()).await
    }
}

/// Each day is a range of the index of ends: putting them into groups would sort them.
const BY_DAY: &str = "SELECT CAST(l.item AS BIGINT), (SELECT COUNT(*) FROM credentials c";
/// The day by a clock that is `$1` ahead of UTC.
const ENDS_THAT_DAY: &str = "c.expires_at >= CAST(l.item AS BIGINT) * 86400000000 - $1 \
     AND c.expires_at < (CAST(l.item AS BIGINT) + 1) * 86400000000 - $1";

/// Enough to find one that is used; nobody rotates by hand more often.
const SUCCESSORS_MAX: u32 = 100;
