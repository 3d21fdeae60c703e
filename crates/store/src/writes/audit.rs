//! Rows of the audit log, and the links between them.

use app::ports::{AuditEntry, AuditRow};

use crate::sql::{Batch, Step};
use app::audit::audit_hash;

pub(crate) fn add(entry: &AuditEntry) -> Step {
    Step::run(
        "INSERT INTO audit (at, actor, action, target, details) VALUES ($1, $2, $3, $4, $5)",
        vec![
            entry.at.into(),
            entry.actor.as_str().into(),
            entry.action.as_str().into(),
            entry.target.as_str().into(),
            entry.details.to_string().into(),
        ],
    )
}

/// Links rows, oldest first, to the one whose hash is `before`. Somebody who links the
/// same rows at the same time conflicts at the first.
pub(crate) fn chain(before: &str, rows: &[AuditRow]) -> Batch {
    let mut hash = before.to_owned();
    let link = |row: &AuditRow| {
        hash = audit_hash(&hash, row);
        let sql = "UPDATE audit SET hash = $2 WHERE number = $1 AND hash IS NULL RETURNING 1";
        let values = vec![row.number.into(), hash.as_str().into()];
        Step::or_conflict(sql, values, "the audit chain")
    };
    Batch::of(rows.iter().map(link).collect())
}
