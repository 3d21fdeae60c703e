//! Alerts and their notices.

use app::ports::StoreError;
use domain::expiry::{Alert, AlertState};
use domain::kernel::{Instant, NoticeKey};
use domain::notice::{Notice, NoticeState};

use super::doc;
use crate::sql::Step;

const INSERT: &str = "INSERT INTO alerts (id, doc, version, subject, kind, opened_at, \
     resolved_at, state, snoozed_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
     ON CONFLICT (id) DO NOTHING RETURNING 1";

const UPDATE: &str = "UPDATE alerts SET doc = $2, version = $3, subject = $4, kind = $5, \
     opened_at = $6, resolved_at = $7, state = $8, snoozed_until = $9 \
     WHERE id = $1 AND version = $10 RETURNING 1";

pub(crate) fn put(alert: &Alert) -> Result<Vec<Step>, StoreError> {
    let what = format!("alert {}", alert.id);
    let mut next = alert.clone();
    next.version += 1;
    // Only a snooze changes with time. It hides the state at the earliest instant, if
    // at all, and nothing at the latest.
    let snoozed = alert.state(Instant::MIN) == AlertState::Snoozed;
    let snoozed_until = alert.snoozed.as_ref().map(|s| s.until);
    let mut values = vec![
        alert.id.as_str().into(),
        doc(&next, &what)?.into(),
        next.version.into(),
        alert.subject.to_string().into(),
        alert.kind.as_str().into(),
        alert.opened_at.into(),
        alert.resolved.map(|r| r.at).into(),
        alert.state(Instant::MAX).as_str().into(),
        snoozed_until.filter(|_| snoozed).into(),
    ];
    if alert.version == 0 {
        return Ok(vec![Step::or_duplicate(INSERT, values, &what)]);
    }
    values.push(alert.version.into());
    Ok(vec![Step::or_conflict(UPDATE, values, &what)])
}

pub(crate) fn add_notice(notice: &Notice) -> Result<Vec<Step>, StoreError> {
    let what = format!("notice {}", notice.key);
    Ok(vec![Step::run(
        "INSERT INTO notices (id, doc, alert, created_at, state, state_doc) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
        vec![
            notice.key.as_str().into(),
            doc(notice, &what)?.into(),
            notice.alert.as_str().into(),
            notice.created_at.into(),
            notice.state.as_str().into(),
            doc(&notice.state, &what)?.into(),
        ],
    )])
}

pub(crate) fn set_notice(key: &NoticeKey, state: &NoticeState) -> Result<Vec<Step>, StoreError> {
    Ok(vec![Step::run(
        "UPDATE notices SET state = $2, state_doc = $3 WHERE id = $1",
        vec![
            key.as_str().into(),
            state.as_str().into(),
            doc(state, "a notice's state")?.into(),
        ],
    )])
}

/// Alerts that are over, and notices of such. What was said in a cycle that still runs
/// stays, however old: it is the proof, and the key that keeps it from being said again.
pub(crate) fn prune(before: Instant, limit: u32) -> Vec<Step> {
    let values = vec![before.into(), limit.into()];
    vec![
        Step::run(
            "DELETE FROM notices WHERE id IN (SELECT n.id FROM notices n WHERE n.created_at < $1 \
             AND n.state <> 'pending' AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = n.alert \
             AND (a.resolved_at IS NULL OR a.resolved_at >= $1)) AND NOT EXISTS (SELECT 1 FROM \
             message_notices m WHERE m.notice = n.id) ORDER BY n.id LIMIT $2) RETURNING 1",
            values.clone(),
        ),
        Step::run(
            "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE resolved_at < $1 \
             ORDER BY id LIMIT $2) RETURNING 1",
            values,
        ),
    ]
}
