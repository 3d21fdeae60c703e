//! What channels keep of alerts.

use domain::kernel::{AlertId, ChannelId};

use crate::sql::Step;

pub(crate) fn set(channel: &ChannelId, alert: &AlertId, value: Option<&str>) -> Vec<Step> {
    let (channel, alert) = (channel.as_str(), alert.as_str());
    let Some(value) = value else {
        let sql = "DELETE FROM channel_memory WHERE channel = $1 AND alert = $2";
        return vec![Step::run(sql, vec![channel.into(), alert.into()])];
    };
    vec![Step::run(
        "INSERT INTO channel_memory (channel, alert, value) VALUES ($1, $2, $3) \
         ON CONFLICT (channel, alert) DO UPDATE SET value = excluded.value",
        vec![channel.into(), alert.into(), value.into()],
    )]
}

/// What is kept of alerts that are not kept any more.
pub(crate) fn prune(limit: u32) -> Vec<Step> {
    vec![Step::run(
        "DELETE FROM channel_memory WHERE alert IN (SELECT m.alert FROM channel_memory m \
         LEFT JOIN alerts a ON a.id = m.alert WHERE a.id IS NULL ORDER BY m.alert LIMIT $1) \
         RETURNING 1",
        vec![limit.into()],
    )]
}
