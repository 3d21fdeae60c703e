//! Integrations that report in, and are missed when they do not.

mod create;
mod patch;
mod ping;
mod read;
mod remove;
mod surroundings;

pub use create::{CreateMonitor, create_monitor};
pub use patch::{PatchMonitor, patch_monitor};
pub use ping::{Ping, Pings, flush_pings, ping};
pub use read::{MonitorItem, get_monitor, list_monitors, may_change_monitor, what_they_need};
pub use remove::remove_monitor;
pub use surroundings::stop_listening;
pub(crate) use surroundings::{depended_on, listening, load_all, outage};

use std::collections::BTreeSet;

use domain::inventory::Monitor;
use domain::kernel::{CredentialId, Span};
use serde_json::json;

use crate::{AppError, Context, Principal};

/// The most credentials a monitor may depend on.
const DEPENDS_MAX: usize = 50;

/// The credentials of these ids, each of which is `known` or may be seen by the caller: a notice about the
/// monitor names them, with their state and their end.
async fn dependencies(
    ctx: &Context,
    principal: &Principal,
    ids: &[String],
    known: &BTreeSet<CredentialId>,
) -> Result<BTreeSet<CredentialId>, AppError> {
    const FIELD: &str = "depends_on";
    if ids.len() > DEPENDS_MAX {
        let problem = format!("at most {DEPENDS_MAX} credentials are allowed");
        return Err(AppError::invalid(FIELD, problem));
    }
    let scopes = ["credentials:read", "credentials:write"];
    let mut found = BTreeSet::new();
    for id in ids {
        // Whoever named it before could see it.
        if let Some(known) = known.iter().find(|known| known.as_str() == id) {
            found.insert(known.clone());
            continue;
        }
        match crate::credentials::visible(ctx, principal, id, &scopes).await {
            Ok(item) => drop(found.insert(item.credential.id)),
            Err(AppError::NotFound { what }) => {
                return Err(AppError::invalid(FIELD, format!("{what} was not found")));
            }
            Err(other) => return Err(other),
        }
    }
    Ok(found)
}

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
