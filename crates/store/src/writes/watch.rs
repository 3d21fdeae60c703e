//! Rules about watchers: few, and read as a whole.

use app::ports::StoreError;
use domain::inventory::Watch;
use domain::kernel::WatchId;

use super::doc;
use crate::sql::Step;

const INSERT: &str = "INSERT INTO watches (id, doc, version) \
     VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING 1";

const UPDATE: &str = "UPDATE watches SET doc = $2, version = $3 \
     WHERE id = $1 AND version = $4 RETURNING 1";

pub(crate) fn put(watch: &Watch) -> Result<Vec<Step>, StoreError> {
    let what = format!("watch {}", watch.id);
    let mut next = watch.clone();
    next.version += 1;
    let mut values = vec![
        watch.id.as_str().into(),
        doc(&next, &what)?.into(),
        next.version.into(),
    ];
    if watch.version == 0 {
        return Ok(vec![Step::or_duplicate(INSERT, values, &what)]);
    }
    values.push(watch.version.into());
    Ok(vec![Step::or_conflict(UPDATE, values, &what)])
}

pub(crate) fn remove(id: &WatchId, version: u64) -> Vec<Step> {
    let sql = "DELETE FROM watches WHERE id = $1 AND version = $2 RETURNING 1";
    let values = vec![id.as_str().into(), version.into()];
    vec![Step::or_conflict(sql, values, &format!("watch {id}"))]
}
