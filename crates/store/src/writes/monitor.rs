//! Monitors, and what is heard of them.

use app::ports::{Pinged, StoreError};
use domain::inventory::Monitor;
use domain::kernel::MonitorId;

use super::doc;
use crate::sql::Step;

const INSERT: &str = "INSERT INTO monitors (id, doc, version, ping_key, pings) \
     VALUES ($1, $2, $3, $4, 0) ON CONFLICT (id) DO NOTHING RETURNING 1";

// What was heard meanwhile is never taken back.
const UPDATE: &str = "UPDATE monitors SET doc = $2, version = $3, ping_key = $4 \
     WHERE id = $1 AND version = $5 RETURNING 1";

pub(crate) fn put(monitor: &Monitor) -> Result<Vec<Step>, StoreError> {
    let what = format!("monitor {}", monitor.id);
    let mut next = monitor.clone();
    next.version += 1;
    let mut values = vec![
        monitor.id.as_str().into(),
        doc(&next, &what)?.into(),
        next.version.into(),
        monitor.key.expose().into(),
    ];
    if monitor.version == 0 {
        return Ok(vec![Step::or_duplicate(INSERT, values, &what)]);
    }
    values.push(monitor.version.into());
    Ok(vec![Step::or_conflict(UPDATE, values, &what)])
}

pub(crate) fn remove(id: &MonitorId, version: u64) -> Vec<Step> {
    let sql = "DELETE FROM monitors WHERE id = $1 AND version = $2 RETURNING 1";
    let values = vec![id.as_str().into(), version.into()];
    vec![Step::or_conflict(sql, values, &format!("monitor {id}"))]
}

/// What is heard of a monitor with an open alert is news, and so is a failure; the first
/// statement gives a row where the monitor becomes due.
pub(crate) fn heard(pinged: &Pinged) -> [Step; 3] {
    let id = pinged.id.as_str();
    let at = pinged.last_ping_at.max(pinged.failed_at);
    let failed = pinged.failed_at.is_some();
    [
        Step::run(
            "INSERT INTO due (subject, due_at) SELECT 'monitor:' || m.id, $2 FROM monitors m \
             WHERE m.id = $1 AND ($3 OR EXISTS (SELECT 1 FROM alerts a \
             WHERE a.subject = 'monitor:' || m.id AND a.resolved_at IS NULL)) \
             ON CONFLICT (subject) DO UPDATE SET due_at = excluded.due_at \
             WHERE due.due_at > excluded.due_at RETURNING 1",
            vec![id.into(), at.into(), failed.into()],
        ),
        // Whoever plans it at this moment has not heard this.
        Step::run(
            "UPDATE due SET asked = asked + 1 WHERE subject = 'monitor:' || $1",
            vec![id.into()],
        ),
        Step::run(
            "UPDATE monitors SET \
             last_ping_at = CASE WHEN $2 > COALESCE(last_ping_at, $2 - 1) THEN $2 \
             ELSE last_ping_at END, \
             failed_at = CASE WHEN $3 > COALESCE(failed_at, $3 - 1) THEN $3 \
             ELSE failed_at END, \
             pings = pings + $4 WHERE id = $1",
            vec![
                id.into(),
                pinged.last_ping_at.into(),
                pinged.failed_at.into(),
                pinged.pings.into(),
            ],
        ),
    ]
}
