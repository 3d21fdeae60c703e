//! Sources, small named values, idempotency keys.

use app::ports::{Idempotent, SourceState, StoreError};
use domain::kernel::{Instant, SourceId};

use super::document::{put, table};
use super::due::asked_at_latest;
use crate::sql::Step;

pub(crate) fn put_source(source: &SourceState) -> Result<Vec<Step>, StoreError> {
    let (what, mut next) = (format!("source {}", source.id), source.clone());
    next.version += 1;
    let id = source.id.as_str();
    Ok(vec![put(
        &table!("sources"),
        &what,
        id,
        &next,
        source.version,
    )?])
}

/// What hangs on a credential of its own (scopes, roles) goes with it. Everything of the
/// source is looked at once more, for what stands open about it is over.
pub(crate) fn forget_source(id: &SourceId, at: Instant) -> Vec<Step> {
    let run = |sql| Step::run(sql, vec![id.as_str().into()]);
    let look = |sql| Step::run(sql, vec![id.as_str().into(), at.into()]);
    vec![
        look(concat!(
            "INSERT INTO due (subject, due_at) SELECT 'credential:' || id, $2 FROM credentials \
             WHERE source = $1 ",
            asked_at_latest!()
        )),
        look(concat!(
            "INSERT INTO due (subject, due_at) VALUES ('source:' || $1, $2) ",
            asked_at_latest!()
        )),
        run("DELETE FROM credentials WHERE source = $1"),
        run("DELETE FROM sources WHERE id = $1"),
    ]
}

pub(crate) fn set(name: &str, value: &str) -> Vec<Step> {
    vec![Step::run(
        "INSERT INTO meta (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        vec![name.into(), value.into()],
    )]
}

pub(crate) fn swap(name: &str, from: Option<&str>, to: Option<&str>) -> Vec<Step> {
    let (sql, values) = match (from, to) {
        (None, None) => (
            "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = $1)",
            vec![name.into()],
        ),
        (None, Some(to)) => (
            "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1",
            vec![name.into(), to.into()],
        ),
        (Some(from), None) => (
            "DELETE FROM meta WHERE name = $1 AND value = $2 RETURNING 1",
            vec![name.into(), from.into()],
        ),
        (Some(from), Some(to)) => (
            "UPDATE meta SET value = $3 WHERE name = $1 AND value = $2 RETURNING 1",
            vec![name.into(), from.into(), to.into()],
        ),
    };
    vec![Step::or_conflict(sql, values, &format!("the value {name}"))]
}

/// A key whose time is over may be used again; `now` is when the change happens, where
/// it says so.
pub(crate) fn add_idempotent(made: &Idempotent, now: Option<Instant>) -> Vec<Step> {
    let expired = now.map(|now| {
        let sql = "DELETE FROM idempotent WHERE id = $1 AND until_at <= $2";
        Step::run(sql, vec![made.key.as_str().into(), now.into()])
    });
    let add = Step::or_duplicate(
        "INSERT INTO idempotent (id, request, made, until_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING RETURNING 1",
        vec![
            made.key.as_str().into(),
            made.request.as_str().into(),
            made.made.as_str().into(),
            made.until.into(),
        ],
        "this idempotency key",
    );
    expired.into_iter().chain([add]).collect()
}

pub(crate) fn prune(now: Instant, limit: u32) -> Vec<Step> {
    vec![Step::run(
        "DELETE FROM idempotent WHERE id IN (SELECT id FROM idempotent WHERE until_at <= $1 \
         ORDER BY id LIMIT $2) RETURNING 1",
        vec![now.into(), limit.into()],
    )]
}
