//! Reads of the outbox.

use app::ports::{MessageFilter, OutboxReads, Page, PageRequest, StoreError};
use async_trait::async_trait;
use domain::kernel::{AlertId, ChannelId, Instant, MessageId, SweepId};
use domain::notice::{Attempt, Message, MessageState};
use domain::people::Recipient;

use super::{documents, one};
use crate::columns::message_columns;
use crate::cursor::{cut, open, rows_wanted, seal};
use crate::db::Db;
use crate::engine::Engine;
use crate::sql::{Query, Row, Stmt};

const TABLE: &str = "messages";
const SELECT: &str = concat!("SELECT ", message_columns!(), " FROM messages");
const BY_ID: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE messages.id = $1"
);
/// Whose turn came first, and whose holder let its lease run out; each out of its index.
const OLDEST: &str = "SELECT MIN(found.not_before) FROM (\
     SELECT q.not_before FROM (SELECT not_before FROM messages WHERE state = 'queued' \
     AND not_before <= $1 ORDER BY not_before LIMIT 1) AS q UNION ALL \
     SELECT s.not_before FROM (SELECT not_before FROM messages WHERE state = 'sending' \
     AND leased_until <= $1 ORDER BY not_before LIMIT 1) AS s) AS found";
const WAITING: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM messages WHERE recipient = $1 AND channel = $2 AND state = 'queued' \
     AND not_before <= $3 ORDER BY not_before, id LIMIT $4"
);

/// A message from its id, document and the columns that hold the truth.
pub(crate) fn message_of(row: &Row) -> Result<Message, StoreError> {
    let mut message: Message = row.doc(1, TABLE)?;
    message.state = row.parsed(2, TABLE, state_of)?;
    message.leased_until = row.opt_instant(3);
    message.fence = u64::try_from(row.int(4, TABLE)?).map_err(|_| row.corrupt(TABLE))?;
    if row.opt_text(5).is_some() {
        message.notices = row.doc(5, TABLE)?;
    }
    Ok(message)
}

fn state_of(word: &str) -> Result<MessageState, StoreError> {
    let word = serde_json::Value::String(word.to_owned());
    serde_json::from_value(word).map_err(|_| StoreError::BadCursor)
}

#[async_trait]
impl<D: Db> OutboxReads for Engine<D> {
    async fn message(&self, id: &MessageId) -> Result<Option<Message>, StoreError> {
        let row = one(&self.db, BY_ID, vec![id.as_str().into()]).await?;
        row.as_ref().map(message_of).transpose()
    }

    async fn list_messages(
        &self,
        filter: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError> {
        let mut query = Query::new(SELECT);
        query.when(
            "messages.state = $#",
            filter.state.map(MessageState::as_str),
        );
        query.when(
            "messages.channel = $#",
            filter.channel.as_ref().map(ChannelId::as_str),
        );
        // From the alert's few notices to their messages; the other way looks at all there are.
        let carries = "messages.id IN (SELECT x.message FROM notices y JOIN message_notices x \
                       ON x.notice = y.id WHERE y.alert = $#)";
        query.when(carries, filter.alert.as_ref().map(AlertId::as_str));
        if let Some(cursor) = &page.after {
            let (at, id) = open::<i64>(TABLE, cursor)?;
            let (at, id) = (query.bind(at), query.bind(id));
            query.also(format!(
                "(messages.created_at, messages.id) < (${at}, ${id})"
            ));
        }
        let stmt = query.ordered(
            "messages.created_at DESC, messages.id DESC",
            rows_wanted(page),
        );
        let rows = self.db.read(stmt).await?;
        let messages: Result<Vec<Message>, _> = rows.iter().map(message_of).collect();
        Ok(cut(messages?, page, |last| {
            seal(TABLE, &last.created_at.as_micros(), last.id.as_str())
        }))
    }

    async fn attempts(&self, id: &MessageId) -> Result<Vec<Attempt>, StoreError> {
        let sql = "SELECT number, doc FROM attempts WHERE message = $1 ORDER BY number";
        documents(&self.db, "attempts", sql, vec![id.as_str().into()]).await
    }

    async fn oldest_waiting(&self, now: Instant) -> Result<Option<Instant>, StoreError> {
        let row = one(&self.db, OLDEST, vec![now.into()]).await?;
        Ok(row.and_then(|row| row.opt_instant(0)))
    }

    async fn waiting_with(
        &self,
        recipient: &Recipient,
        channel: &ChannelId,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let values = vec![
            recipient.to_string().into(),
            channel.as_str().into(),
            now.into(),
            limit.into(),
        ];
        let rows = self.db.read(Stmt::new(WAITING, values)).await?;
        rows.iter().map(message_of).collect()
    }

    async fn accepted_since(
        &self,
        recipient: &Recipient,
        channel: Option<&ChannelId>,
        since: Instant,
        limit: u32,
    ) -> Result<Vec<Instant>, StoreError> {
        let mut query = Query::new("SELECT closed_at FROM messages");
        query.with("recipient = $#", recipient.to_string());
        query.when("channel = $#", channel.map(ChannelId::as_str));
        query.with("state = $#", MessageState::Accepted.as_str());
        query.with("closed_at > $#", since);
        let rows = self.db.read(query.ordered("closed_at DESC", limit)).await?;
        Ok(rows.iter().filter_map(|row| row.opt_instant(0)).collect())
    }

    async fn unreleased_sweeps(&self, but: Option<&SweepId>) -> Result<Vec<SweepId>, StoreError> {
        let sql = "SELECT DISTINCT sweep FROM messages WHERE state = 'collecting' \
                   AND sweep <> $1 ORDER BY sweep";
        // No sweep has an empty id.
        let but = but.map_or("", SweepId::as_str);
        let rows = self.db.read(Stmt::new(sql, vec![but.into()])).await?;
        rows.iter()
            .map(|row| row.parsed(0, TABLE, |id| SweepId::parse(id)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reads::plans::plan;

    /// Ten thousand owners who wait must not be gone through for each of their messages.
    #[test]
    fn what_waits_with_a_message_is_found_in_the_index_of_its_recipient() {
        let lines = plan(WAITING, ("r", "c", 0, 1));
        let found =
            "messages_by_recipient (recipient=? AND channel=? AND state=? AND not_before<?)";
        assert!(lines[0].ends_with(found), "{lines:#?}");
        let sorted = |line: &String| line == "USE TEMP B-TREE FOR ORDER BY";
        assert!(!lines.iter().any(sorted), "{lines:#?}");
    }
}
