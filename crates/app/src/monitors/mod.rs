//! Integrations that report in, and are missed when they do not.

mod create;
mod needs;
mod patch;
mod ping;
mod read;
mod remove;
mod surroundings;

pub use create::{CreateMonitor, create_monitor};
use needs::dependencies;
pub use patch::{PatchMonitor, patch_monitor};
pub use ping::{Ping, Pings, flush_pings, ping};
pub use read::{MonitorItem, get_monitor, list_monitors, may_change_monitor, what_they_need};
pub use remove::remove_monitor;
pub use surroundings::stop_listening;
pub(crate) use surroundings::{depended_on, listening, load_all, outage};

use domain::inventory::Monitor;
use domain::kernel::Span;
use serde_json::json;

use crate::AppError;

/// A period or a grace within its bounds.
fn within(span: Span, field: &'static str) -> Result<Span, AppError> {
    if Monitor::may_be(span) {
        Ok(span)
    } else {
        Err(AppError::invalid(
            field,
            format!("{span} is not between 1m and 366d"),
        ))
    }
}

/// What the audit log keeps of a monitor: not its key.
fn told(monitor: &Monitor) -> serde_json::Value {
    json!({
        "name": monitor.name,
        "period": monitor.period,
        "grace": monitor.grace,
        "owner": monitor.owner,
        "team": monitor.team,
        "depends_on": monitor.depends_on,
        "paused": monitor.paused_at.is_some(),
    })
}
