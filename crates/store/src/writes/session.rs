//! Who is signed in, and what proves a password.

use app::ports::{Password, Session, StoreError};
use domain::kernel::{Instant, PersonId, SessionId};

use super::doc;
use crate::sql::Step;

const INSERT: &str = "INSERT INTO sessions (id, doc, version, person, ends_at) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING RETURNING 1";

const UPDATE: &str = "UPDATE sessions SET doc = $2, version = $3, person = $4, ends_at = $5 \
     WHERE id = $1 AND version = $6 RETURNING 1";

pub(crate) fn put(session: &Session) -> Result<Vec<Step>, StoreError> {
    let what = format!("session {}", session.id);
    let mut next = session.clone();
    next.version += 1;
    let mut values = vec![
        session.id.as_str().into(),
        doc(&next, &what)?.into(),
        next.version.into(),
        session.person.as_str().into(),
        session.ends_at.into(),
    ];
    if session.version == 0 {
        return Ok(vec![Step::or_duplicate(INSERT, values, &what)]);
    }
    values.push(session.version.into());
    Ok(vec![Step::or_conflict(UPDATE, values, &what)])
}

pub(crate) fn remove(id: &SessionId) -> Vec<Step> {
    let sql = "DELETE FROM sessions WHERE id = $1";
    vec![Step::run(sql, vec![id.as_str().into()])]
}

pub(crate) fn remove_of(person: &PersonId, but: Option<&SessionId>) -> Vec<Step> {
    // No id is empty.
    let but = but.map_or("", SessionId::as_str);
    let sql = "DELETE FROM sessions WHERE person = $1 AND id <> $2";
    vec![Step::run(sql, vec![person.as_str().into(), but.into()])]
}

pub(crate) fn put_password(password: &Password) -> Result<Vec<Step>, StoreError> {
    let doc = doc(password, "a password")?;
    let sql = "INSERT INTO passwords (id, doc) VALUES ($1, $2) \
               ON CONFLICT (id) DO UPDATE SET doc = excluded.doc";
    let values = vec![password.person.as_str().into(), doc.into()];
    Ok(vec![Step::run(sql, values)])
}

/// Sessions whose time is over.
pub(crate) fn prune(now: Instant, limit: u32) -> Vec<Step> {
    vec![Step::run(
        "DELETE FROM sessions WHERE id IN \
         (SELECT id FROM sessions WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2) RETURNING 1",
        vec![now.into(), limit.into()],
    )]
}
