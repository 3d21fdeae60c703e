//! The outbox.

use app::ports::{Claim, StoreError};
use domain::kernel::{ChannelId, Instant, SweepId};
use domain::notice::{Attempt, Message, MessageState};

use super::doc;
use crate::columns::message_columns;
use crate::sql::{Batch, Otherwise, Step, Value, list};

// Gives a row back when the message is new or still collects.
const INSERT: &str = "INSERT INTO messages (id, doc, channel, sweep, not_before, created_at, \
     closed_at, state, leased_until, fence, recipient) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
     ON CONFLICT (id) DO UPDATE SET state = messages.state WHERE messages.state = 'collecting' \
     RETURNING 1";

const FINISH: &str = "UPDATE messages SET doc = $2, channel = $3, sweep = $4, not_before = $5, \
     created_at = $6, closed_at = $7, state = $8, leased_until = $9, \
     recipient = $11 WHERE id = $1 AND fence = $10 RETURNING 1";

// Behind what it carries already; on a new message that is nothing.
const APPEND: &str = "INSERT INTO message_notices (message, notice, place) \
     SELECT $1, l.item, l.ordinal + (SELECT COALESCE(MAX(place) + 1, 0) FROM message_notices \
     WHERE message = $1) FROM {list:2} AS l WHERE true ON CONFLICT (message, notice) DO NOTHING";

const DROP: &str = "DELETE FROM message_notices WHERE message = $1 \
     AND notice NOT IN (SELECT l.item FROM {list:2} AS l)";

const ARRANGE: &str = "INSERT INTO message_notices (message, notice, place) \
     SELECT $1, l.item, l.ordinal FROM {list:2} AS l WHERE true \
     ON CONFLICT (message, notice) DO UPDATE SET place = excluded.place \
     WHERE message_notices.place <> excluded.place";

/// What a sweep gathers must not be left over: nobody would hear it.
pub(crate) fn add(message: &Message) -> Result<Vec<Step>, StoreError> {
    let released = || {
        let what = format!("message {} is on its way already", message.id);
        Otherwise::Fail(StoreError::Unavailable(what))
    };
    let otherwise = match message.state {
        MessageState::Collecting => released(),
        _ => Otherwise::Leave,
    };
    Ok(vec![
        Step::with(INSERT, columns(message)?, otherwise),
        Step::run(APPEND, vec![message.id.as_str().into(), carried(message)]),
    ])
}

pub(crate) fn release(sweep: &SweepId) -> Vec<Step> {
    vec![Step::run(
        "UPDATE messages SET state = 'queued' WHERE sweep = $1 AND state = 'collecting'",
        vec![sweep.as_str().into()],
    )]
}

pub(crate) fn finish(message: &Message) -> Result<Vec<Step>, StoreError> {
    let what = format!("message {}", message.id);
    let id = || Value::from(message.id.as_str());
    Ok(vec![
        Step::or_conflict(FINISH, columns(message)?, &what),
        Step::run(DROP, vec![id(), carried(message)]),
        Step::run(ARRANGE, vec![id(), carried(message)]),
    ])
}

fn columns(message: &Message) -> Result<Vec<Value>, StoreError> {
    let mut bare = message.clone();
    bare.notices.clear();
    Ok(vec![
        message.id.as_str().into(),
        doc(&bare, "a message")?.into(),
        message.channel.as_str().into(),
        message.sweep.as_str().into(),
        message.not_before.into(),
        message.created_at.into(),
        message.closed_at.into(),
        message.state.as_str().into(),
        message.leased_until.into(),
        message.fence.into(),
        message.recipient.to_string().into(),
    ])
}

fn carried(message: &Message) -> Value {
    list(message.notices.iter().map(|key| key.as_str()))
}

pub(crate) fn put_attempt(attempt: &Attempt) -> Result<Vec<Step>, StoreError> {
    Ok(vec![Step::run(
        "INSERT INTO attempts (message, number, doc) VALUES ($1, $2, $3) \
         ON CONFLICT (message, number) DO UPDATE SET doc = excluded.doc",
        vec![
            attempt.message.as_str().into(),
            attempt.number.into(),
            doc(attempt, "an attempt")?.into(),
        ],
    )])
}

/// Leases what may be taken and gives it back: whose turn has come, and whose holder let
/// its lease run out. Each of the two is read in order and ends with the limit, however
/// much waits.
pub(crate) fn claim(claim: &Claim) -> Batch {
    const CLAIM: &str = concat!(
        "WITH queued AS MATERIALIZED (SELECT id, not_before FROM messages ",
        "WHERE state = 'queued' AND not_before <= $1 ",
        "AND channel NOT IN (SELECT l.item FROM {list:4} AS l) ",
        "ORDER BY not_before, id LIMIT $3 {skip_locked}), ",
        "stale AS MATERIALIZED (SELECT id, not_before FROM messages ",
        "WHERE state = 'sending' AND leased_until <= $1 ",
        "ORDER BY not_before, id LIMIT $3 {skip_locked}), ",
        "chosen AS (SELECT found.id FROM (SELECT id, not_before FROM queued ",
        "UNION ALL SELECT id, not_before FROM stale) AS found ",
        "ORDER BY found.not_before, found.id LIMIT $3) ",
        "UPDATE messages SET state = 'sending', leased_until = $2, fence = fence + 1 ",
        "WHERE id IN (SELECT id FROM chosen) RETURNING ",
        message_columns!(),
    );
    let values = vec![
        claim.now.into(),
        claim.lease_until.into(),
        claim.limit.into(),
        list(claim.but.iter().map(ChannelId::as_str)),
    ];
    Batch::of(vec![Step::run(CLAIM, values)])
}

/// Closed messages with their attempts; what they carry goes with them.
pub(crate) fn prune(before: Instant, limit: u32) -> Vec<Step> {
    let values = vec![before.into(), limit.into()];
    vec![
        Step::run(
            "DELETE FROM attempts WHERE message IN (SELECT id FROM messages WHERE closed_at < $1 \
             ORDER BY id LIMIT $2)",
            values.clone(),
        ),
        Step::run(
            "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE closed_at < $1 \
             ORDER BY id LIMIT $2) RETURNING 1",
            values,
        ),
    ]
}
