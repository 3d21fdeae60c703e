//! Reads of alerts and notices.

use app::ports::{AlertFilter, AlertReads, Page, PageRequest, StoreError};
use async_trait::async_trait;
use domain::expiry::{Alert, AlertState, Silence, Subject};
use domain::kernel::{AlertId, NoticeKey, TeamId};
use domain::notice::Notice;

use super::{document, documents};
use crate::cursor::{cut, open, rows_wanted, seal};
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::{Query, Row, Stmt, Value, list};

const LIST: &str = "alerts";

/// A notice from its key, document and state.
fn notice_of(row: &Row) -> Result<Notice, StoreError> {
    let mut notice: Notice = row.doc(1, "notices")?;
    notice.state = row.doc(2, "notices")?;
    Ok(notice)
}

fn conditions(query: &mut Query, filter: &AlertFilter) {
    query.when("kind = $#", filter.kind.map(|k| k.as_str()));
    query.when(
        "subject = $#",
        filter.subject.as_ref().map(Subject::to_string),
    );
    if let Some(seen) = &filter.visible_to {
        let owner = query.bind(seen.owner.as_str());
        let teams = query.bind(list(seen.teams.iter().map(TeamId::as_str)));
        let subjects: Vec<String> = seen.subjects.iter().map(Subject::to_string).collect();
        let subjects = query.bind(list(subjects.iter().map(String::as_str)));
        query.also(format!(
            "subject IN (SELECT 'credential:' || c.id FROM credentials c WHERE c.owner = ${owner} \
             OR c.team IN (SELECT l.item FROM {{list:{teams}}} AS l)) \
             OR subject IN (SELECT l.item FROM {{list:{subjects}}} AS l)"
        ));
    }
    if let [only] = filter.states[..]
        && only != AlertState::Snoozed
    {
        // Said twice, for an index knows the column and not what time makes of it.
        query.with("state = $#", only.as_str());
    }
    if !filter.states.is_empty() {
        let now = query.bind(filter.now);
        let words = list(filter.states.iter().map(|s| s.as_str()));
        let states = query.bind(words);
        query.also(format!(
            "CASE WHEN snoozed_until > ${now} THEN 'snoozed' ELSE state END \
             IN (SELECT l.item FROM {{list:{states}}} AS l)"
        ));
    } else if !filter.with_resolved {
        query.also("resolved_at IS NULL");
    }
}

#[async_trait]
impl<D: Db> AlertReads for Engine<D> {
    async fn alert(&self, id: &AlertId) -> Result<Option<Alert>, StoreError> {
        let sql = "SELECT id, doc FROM alerts WHERE id = $1";
        document(&self.db, "alerts", sql, id.as_str()).await
    }

    async fn alerts_of(&self, subjects: &[Subject]) -> Result<Vec<Alert>, StoreError> {
        let sql = "SELECT id, doc FROM alerts \
                   WHERE subject IN (SELECT l.item FROM {list:1} AS l) ORDER BY id";
        let subjects: Vec<String> = subjects.iter().map(Subject::to_string).collect();
        let subjects = list(subjects.iter().map(String::as_str));
        documents(&self.db, "alerts", sql, vec![subjects]).await
    }

    async fn silences(&self) -> Result<Vec<Silence>, StoreError> {
        let sql = "SELECT id, doc FROM silences ORDER BY id";
        documents(&self.db, "silences", sql, Vec::new()).await
    }

    async fn list_alerts(
        &self,
        filter: &AlertFilter,
        page: &PageRequest,
    ) -> Result<Page<Alert>, StoreError> {
        let mut query = Query::new("SELECT id, doc FROM alerts");
        conditions(&mut query, filter);
        if let Some(cursor) = &page.after {
            let (at, id) = open::<i64>(LIST, cursor)?;
            let (at, id) = (query.bind(at), query.bind(id));
            query.also(format!("(opened_at, id) < (${at}, ${id})"));
        }
        let stmt = query.ordered("opened_at DESC, id DESC", rows_wanted(page));
        let rows = self.db.read(stmt).await?;
        let alerts: Result<Vec<Alert>, _> = rows.iter().map(|row| row.doc(1, "alerts")).collect();
        Ok(cut(alerts?, page, |last| {
            seal(LIST, &last.opened_at.as_micros(), last.id.as_str())
        }))
    }

    async fn count_alerts(&self, filter: &AlertFilter) -> Result<u64, StoreError> {
        let mut query = Query::new("SELECT COUNT(*) FROM alerts");
        conditions(&mut query, filter);
        let rows = self.db.read(query.counted("")).await?;
        let count = rows.first().and_then(|row| row.opt_int(0)).unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    async fn notices_of(&self, alert: &AlertId) -> Result<Vec<Notice>, StoreError> {
        let sql = "SELECT id, doc, state_doc FROM notices WHERE alert = $1 ORDER BY created_at, id";
        self.read_notices(sql, alert.as_str().into()).await
    }

    async fn notices(&self, keys: &[NoticeKey]) -> Result<Vec<Notice>, StoreError> {
        let sql = "SELECT id, doc, state_doc FROM notices \
                   WHERE id IN (SELECT l.item FROM {list:1} AS l) ORDER BY created_at, id";
        let keys = list(keys.iter().map(NoticeKey::as_str));
        self.read_notices(sql, keys).await
    }
}

impl<D: Db> Engine<D> {
    async fn read_notices(
        &self,
        sql: &'static str,
        value: Value,
    ) -> Result<Vec<Notice>, StoreError> {
        let rows = self.db.read(Stmt::new(sql, vec![value])).await?;
        rows.iter().map(notice_of).collect()
    }
}
