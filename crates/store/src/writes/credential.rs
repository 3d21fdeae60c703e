//! Credentials and tokens, with what filters look at.

use app::ports::{StoreError, Usage};
use domain::expiry::Subject;
use domain::inventory::{Credential, DaysOfUse, End};
use domain::token::Token;

use super::document::table;
use super::due::asked_at_latest;
use super::people::revise;
use super::{doc, document, due};
use crate::columns::ISSUED_HERE;
use crate::sql::{Step, Value};

const INSERT: &str = "INSERT INTO credentials (id, doc, version, source, external_id, kind, name, \
     name_folded, name_is_given, owner, issuer_owner, team, end_kind, expires_at, end_order, \
     revoked_at, gone_at, suspended, orphaned, created_at, first_seen_at, last_used_at, uses) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
     $19, $20, $21, $22, 0) ON CONFLICT (id) DO NOTHING RETURNING 1";

// A use that was counted meanwhile is never taken back.
const UPDATE: &str = "UPDATE credentials SET doc = $2, version = $3, source = $4, \
     external_id = $5, kind = $6, name = $7, name_folded = $8, name_is_given = $9, owner = $10, \
     issuer_owner = $11, team = $12, end_kind = $13, expires_at = $14, end_order = $15, \
     revoked_at = $16, gone_at = $17, suspended = $18, orphaned = $19, created_at = $20, \
     first_seen_at = $21, last_used_at = CASE WHEN last_used_at IS NULL OR $22 > last_used_at \
     THEN $22 ELSE last_used_at END WHERE id = $1 AND version = $23 RETURNING 1";

pub(crate) fn put(credential: &Credential) -> Result<Vec<Step>, StoreError> {
    let what = format!("credential {}", credential.id);
    let id = credential.id.as_str();
    let mut values = columns(credential, &what)?;
    let row = if credential.version == 0 {
        Step::or_duplicate(INSERT, values, &what)
    } else {
        values.push(credential.version.into());
        Step::or_conflict(UPDATE, values, &what)
    };
    let mut steps = vec![row];
    if credential.version > 0 {
        steps.extend(clear(id));
    }
    steps.extend(fill(credential));
    if credential.source.as_str() == ISSUED_HERE {
        steps.push(revise("token", id));
    }
    Ok(steps)
}

fn columns(credential: &Credential, what: &str) -> Result<Vec<Value>, StoreError> {
    let mut next = credential.clone();
    next.version += 1;
    let name = credential.name.as_str();
    let expires_at = credential.expires_at();
    Ok(vec![
        credential.id.as_str().into(),
        doc(&next, what)?.into(),
        next.version.into(),
        credential.source.as_str().into(),
        credential.external_id.as_str().into(),
        credential.kind.as_str().into(),
        name.into(),
        name.to_ascii_lowercase().into(),
        credential.name_is_given.into(),
        credential.owner.as_ref().map(|o| o.as_str()).into(),
        credential
            .issuer_owner
            .as_ref()
            .map(|o| o.id.as_str())
            .into(),
        credential.team.as_ref().map(|t| t.as_str()).into(),
        end_kind(credential.end).into(),
        expires_at.into(),
        expires_at.map_or(i64::MAX, |at| at.as_micros()).into(),
        credential.revoked_at.into(),
        credential.gone_at.into(),
        credential.suspended.into(),
        credential.orphaned.into(),
        credential.created_at.into(),
        credential.first_seen_at.into(),
        credential.last_used_at.into(),
    ])
}

const fn end_kind(end: End) -> &'static str {
    match end {
        End::Known(_) => "known",
        End::Never => "never",
        End::Unknown => "unknown",
    }
}

fn clear(id: &str) -> [Step; 2] {
    [
        Step::run(
            "DELETE FROM credential_scopes WHERE credential = $1",
            vec![id.into()],
        ),
        Step::run(
            "DELETE FROM credential_roles WHERE credential = $1",
            vec![id.into()],
        ),
    ]
}

/// A row each, which PostgreSQL gets in one statement all the same.
fn fill(credential: &Credential) -> Vec<Step> {
    let id = credential.id.as_str();
    let scopes = "INSERT INTO credential_scopes (credential, scope) VALUES ($1, $2) \
         ON CONFLICT DO NOTHING";
    let roles = "INSERT INTO credential_roles (credential, role) VALUES ($1, $2) \
         ON CONFLICT DO NOTHING";
    let row = |sql| move |word: &String| Step::run(sql, vec![id.into(), word.as_str().into()]);
    let scopes = credential.scopes.iter().map(row(scopes));
    scopes
        .chain(credential.roles.iter().map(row(roles)))
        .collect()
}

pub(crate) fn put_token(token: &Token) -> Result<Vec<Step>, StoreError> {
    let what = format!("token {}", token.id);
    let mut next = token.clone();
    next.version += 1;
    let id = token.id.as_str();
    let step = document::put(&table!("tokens"), &what, id, &next, token.version)?;
    Ok(vec![step, revise("token", id)])
}

// The first use after the end.
macro_rules! late {
    () => {
        "(c.expires_at <= $2 AND (c.last_used_at IS NULL OR c.last_used_at < c.expires_at))"
    };
}

/// The first use of all, after a day without any, or after the end is news and looked at
/// at once; the first of a day within a week, for a look that was missed.
const NEWS: &str = concat!(
    "INSERT INTO due (subject, due_at) SELECT 'credential:' || c.id, $2 + CASE WHEN \
     c.used_day IS NULL OR $3 - c.used_day > 1 OR ",
    late!(),
    " THEN 0 ELSE 604800000000 END FROM credentials c WHERE c.id = $1 AND \
     (c.used_day IS NULL OR c.used_day < $3 OR ",
    late!(),
    ") ",
    asked_at_latest!(),
    " WHERE due.due_at > excluded.due_at OR excluded.due_at = $2 RETURNING 1",
);

// No shift is wider than the 63 bits that are kept: PostgreSQL takes its width modulo 64.
const ADD: &str = "UPDATE credentials SET uses = uses + $3, \
     first_used_at = CASE WHEN first_used_at > $2 OR (first_used_at IS NULL AND uses = 0) \
     THEN $2 ELSE first_used_at END, \
     last_used_at = CASE WHEN last_used_at IS NULL OR $2 > last_used_at THEN $2 \
     ELSE last_used_at END, \
     used_days = CASE WHEN used_day IS NULL OR $4 - used_day > 62 THEN 1 \
     WHEN $4 >= used_day THEN \
     ((used_days << CAST($4 - used_day AS INTEGER)) | 1) & 9223372036854775807 \
     WHEN used_day - $4 > 62 THEN used_days \
     ELSE used_days | (CAST(1 AS BIGINT) << CAST(used_day - $4 AS INTEGER)) END, \
     used_day = CASE WHEN used_day IS NULL OR $4 > used_day THEN $4 ELSE used_day END, \
     last_used_from = CASE WHEN $5 IS NULL OR $2 < last_used_at THEN last_used_from ELSE $5 END \
     WHERE id = $1";

/// The first statement gives a row where the credential becomes due.
pub(crate) fn add_usage(usage: &Usage) -> Vec<Step> {
    let id = usage.id.as_str();
    let day = DaysOfUse::day_of(usage.last_used_at);
    let at = usage.last_used_at;
    let mut steps = vec![
        Step::run(NEWS, vec![id.into(), at.into(), day.into()]),
        Step::run(
            ADD,
            vec![
                id.into(),
                at.into(),
                usage.uses.into(),
                day.into(),
                usage.from.map(|from| from.to_string()).as_deref().into(),
            ],
        ),
    ];
    if let Some(at) = usage.look_at {
        steps.extend(due::at_latest(&Subject::Credential(usage.id.clone()), at));
    }
    steps
}
