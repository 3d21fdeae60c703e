//! Many credentials out of one, by the database itself: a million through the program
//! would take longer than everything that is measured.
//!
//! Rows are those that the program writes. They differ in name, owner, team, end, state,
//! scopes and roles, so that a filter finds few or many.

use std::path::PathBuf;

use anyhow::{Context, Result};
use domain::kernel::CredentialId;

/// Where rows are.
#[derive(Clone, Debug)]
pub enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

/// What to make.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// How many.
    pub count: u64,
    /// One in so many is Forewarn's own token; the others were found in ten systems.
    pub own_in: u64,
}

/// So many in a transaction.
const TOGETHER: u64 = 100_000;

/// All hours lie around this instant, in microseconds: 2026-11-27.
const AROUND: i64 = 1_795_737_600_000_000;

/// Copies the sample so many times.
///
/// # Errors
/// The database's.
pub fn clone(place: &Place, sample: &CredentialId, wanted: &Wanted) -> Result<()> {
    let is_sqlite = matches!(place, Place::Sqlite(_));
    let mut statements = vec![];
    for begin in (0..wanted.count).step_by(usize::try_from(TOGETHER)?) {
        let end = wanted.count.min(begin + TOGETHER);
        statements.push(copies(is_sqlite, sample, wanted.own_in, begin..end).join(";\n"));
    }
    match place {
        Place::Sqlite(path) => in_sqlite(path, &statements),
        Place::Postgres(url) => in_postgres(url, &statements),
    }
}

/// The id of a copy.
///
/// # Errors
/// Never: twelve digits are an id.
pub fn id(number: u64) -> Result<CredentialId> {
    Ok(CredentialId::parse(format!("{number:012}"))?)
}

/// The statements for some numbers.
fn copies(
    is_sqlite: bool,
    sample: &CredentialId,
    own_in: u64,
    numbers: std::ops::Range<u64>,
) -> Vec<String> {
    let (begin, last) = (numbers.start, numbers.end.saturating_sub(1));
    let (series, id) = if is_sqlite {
        (
            format!(
                "(WITH RECURSIVE g(i) AS (SELECT {begin} UNION ALL SELECT i + 1 FROM g WHERE i < {last}) SELECT i FROM g) AS n"
            ),
            "printf('%012d', n.i)",
        )
    } else {
        (
            format!(
                "(SELECT i FROM generate_series({begin}::bigint, {last}::bigint) AS g(i)) AS n"
            ),
            "lpad(n.i::text, 12, '0')",
        )
    };
    let hour = 3_600_000_000_i64;
    let sample = sample.as_str();
    let ends = format!("({AROUND} + ((n.i * 7919) % 17520 - 720) * {hour})");
    let seen = format!("({AROUND} - 400 * 24 * {hour} + n.i * 1000000)");
    // Whole seconds, as a document spells them.
    let text = |micros: &str| match is_sqlite {
        true => format!("strftime('%Y-%m-%dT%H:%M:%SZ', {micros} / 1000000, 'unixepoch')"),
        false => format!(
            "to_char(to_timestamp({micros} / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        ),
    };
    let (seen_text, end_text) = (text(&seen), text(&ends));
    let revoked = format!("CASE WHEN n.i % 10 = 9 THEN {seen_text} END");
    // What a page goes on from stands in the document and in a column.
    let doc = match is_sqlite {
        true => format!(
            "json_set(replace(c.doc, '{sample}', {id}), '$.name', 'token-' || n.i, \
             '$.first_seen_at', {seen_text}, '$.created_at', {seen_text}, '$.end.at', {end_text}, \
             '$.revoked_at', {revoked})"
        ),
        false => format!(
            "(replace(c.doc, '{sample}', {id})::jsonb || jsonb_build_object('name', 'token-' || n.i, \
             'first_seen_at', {seen_text}, 'created_at', {seen_text}, \
             'end', jsonb_build_object('is', 'known', 'at', {end_text}), 'revoked_at', {revoked}))::text"
        ),
    };
    vec![
        format!(
            "INSERT INTO credentials (id, doc, version, source, external_id, kind, name, name_folded, name_is_given, \
             owner, issuer_owner, team, end_kind, expires_at, end_order, revoked_at, gone_at, suspended, orphaned, \
             created_at, first_seen_at, last_used_at, uses) SELECT {id}, {doc}, c.version, \
             CASE WHEN n.i % {own_in} = 0 THEN c.source ELSE 'system-' || (n.i % 10) END, {id}, c.kind, \
             'token-' || n.i, 'token-' || n.i, c.name_is_given, \
             c.owner || CASE WHEN n.i % 1000 = 1 THEN '' ELSE CAST(n.i % 1000 AS TEXT) END, NULL, \
             'team-' || (n.i % 200), 'known', {ends}, {ends}, \
             CASE WHEN n.i % 10 = 9 THEN {seen} END, CASE WHEN n.i % 100 = 7 THEN {seen} END, n.i % 100 = 5, n.i % 50 = 3, \
             {seen}, {seen}, CASE WHEN n.i % 5 = 0 THEN NULL ELSE {seen} + 1000000 END, 0 \
             FROM credentials c, {series} WHERE c.id = '{sample}' ORDER BY n.i",
        ),
        format!(
            "INSERT INTO credential_scopes (credential, scope) SELECT {id}, 'scope-' || (n.i % 50) FROM {series}"
        ),
        format!(
            "INSERT INTO credential_scopes (credential, scope) SELECT {id}, 'read' FROM {series} WHERE n.i % 2 = 0"
        ),
        format!(
            "INSERT INTO credential_roles (credential, role) SELECT {id}, 'role-' || (n.i % 20) FROM {series}"
        ),
        format!(
            "INSERT INTO tokens (id, doc, version) SELECT {id}, replace(t.doc, '{sample}', {id}), t.version \
             FROM tokens t, {series} WHERE t.id = '{sample}' AND n.i % {own_in} = 0 ORDER BY n.i"
        ),
        format!(
            "INSERT INTO feed (kind, id, rev) SELECT 'token', {id}, n.i + 1000 FROM {series} WHERE n.i % {own_in} = 0"
        ),
        format!(
            "INSERT INTO due (subject, due_at) SELECT 'credential:' || {id}, {AROUND} + 400000000000000 + n.i * 1000000 FROM {series}"
        ),
    ]
}

/// Tables that are filled; their indexes are made afterwards, in one go.
const TABLES: &str =
    "('credentials', 'credential_scopes', 'credential_roles', 'tokens', 'feed', 'due')";

fn in_sqlite(path: &PathBuf, statements: &[String]) -> Result<()> {
    let db = rusqlite::Connection::open(path)?;
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA foreign_keys = OFF; PRAGMA temp_store = FILE")?;
    let sql = format!(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN {TABLES}"
    );
    let mut asked = db.prepare(&sql)?;
    let rows = asked.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let indexes: Vec<(String, String)> = rows.collect::<rusqlite::Result<_>>()?;
    drop(asked);
    for (name, _) in &indexes {
        db.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    for statement in statements {
        db.execute_batch(&format!("BEGIN;\n{statement};\nCOMMIT"))?;
    }
    for (_, sql) in &indexes {
        db.execute_batch(sql)?;
    }
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn in_postgres(url: &str, statements: &[String]) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'").await?;
        let sql = format!(
            "SELECT indexname::text, indexdef::text FROM pg_indexes WHERE tablename IN {TABLES} AND schemaname = 'public' \
             AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        );
        let indexes: Vec<(String, String)> = client.query(&sql, &[]).await?.iter().map(|row| (row.get(0), row.get(1))).collect();
        for (name, _) in &indexes {
            client.batch_execute(&format!("DROP INDEX {name}")).await?;
        }
        for statement in statements {
            client.batch_execute(&format!("BEGIN;\n{statement};\nCOMMIT")).await.context("copies in PostgreSQL")?;
        }
        for (_, sql) in &indexes {
            client.batch_execute(sql).await?;
        }
        client.batch_execute("SELECT setval(pg_get_serial_sequence('feed', 'rev'), (SELECT MAX(rev) FROM feed))").await?;
        // What the server itself does after some minutes.
        client.batch_execute("VACUUM ANALYZE").await?;
        drop(client);
        connection.await??;
        Ok(())
    })
}
