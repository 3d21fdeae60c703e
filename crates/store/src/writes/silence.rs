//! Silences: few, and read as a whole.

use app::ports::StoreError;
use domain::expiry::Silence;
use domain::kernel::{Instant, SilenceId};

use super::doc;
use crate::sql::Step;

const INSERT: &str = "INSERT INTO silences (id, doc, version, ends_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING 1";

const UPDATE: &str = "UPDATE silences SET doc = $2, version = $3, ends_at = $4 \
     WHERE id = $1 AND version = $5 RETURNING 1";

pub(crate) fn put(silence: &Silence) -> Result<Vec<Step>, StoreError> {
    let what = format!("silence {}", silence.id);
    let mut next = silence.clone();
    next.version += 1;
    let mut values = vec![
        silence.id.as_str().into(),
        doc(&next, &what)?.into(),
        next.version.into(),
        silence.ends_at.into(),
    ];
    if silence.version == 0 {
        return Ok(vec![Step::or_duplicate(INSERT, values, &what)]);
    }
    values.push(silence.version.into());
    Ok(vec![Step::or_conflict(UPDATE, values, &what)])
}

pub(crate) fn remove(id: &SilenceId, version: u64) -> Vec<Step> {
    let sql = "DELETE FROM silences WHERE id = $1 AND version = $2 RETURNING 1";
    let values = vec![id.as_str().into(), version.into()];
    vec![Step::or_conflict(sql, values, &format!("silence {id}"))]
}

/// Silences that were over before `before`.
pub(crate) fn prune(before: Instant, limit: u32) -> Vec<Step> {
    vec![Step::run(
        "DELETE FROM silences WHERE id IN \
         (SELECT id FROM silences WHERE ends_at < $1 ORDER BY ends_at LIMIT $2) RETURNING 1",
        vec![before.into(), limit.into()],
    )]
}
