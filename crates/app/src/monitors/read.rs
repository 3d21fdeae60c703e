//! Monitors as a list and one by one.

use std::collections::BTreeMap;

use domain::inventory::{Credential, Monitor, Pulse};
use domain::kernel::{CredentialId, Instant, MonitorId};

use super::depended_on;
use crate::sight::Sight;
use crate::{AppError, Context, Principal};

/// A monitor with how it does now.
#[derive(Clone, Debug)]
pub struct MonitorItem {
    /// The monitor.
    pub monitor: Monitor,
    /// How it does.
    pub pulse: Pulse,
    /// When it is missed if it is not heard until then; `None` while it is paused.
    pub missed_after: Option<Instant>,
    /// Where it reports in: the address with its key. `None` for whoever may only look:
    /// with it one could keep a dead job alive, or make people hear.
    pub ping_url: Option<String>,
}

impl MonitorItem {
    /// As it is now, with what was heard and is not written down yet.
    pub(super) fn of(ctx: &Context, mut monitor: Monitor) -> Self {
        ctx.pings.freshen(&mut monitor);
        let outage = ctx.outage.get().copied().flatten();
        let base = &ctx.settings.load().public_url;
        Self {
            pulse: monitor.pulse(outage, ctx.now()),
            missed_after: monitor
                .paused_at
                .is_none()
                .then(|| monitor.missed_after(outage)),
            ping_url: Some(format!("{base}/ping/{}", monitor.key.expose())),
            monitor,
        }
    }

    /// For whoever may look and not more.
    fn without_key(mut self) -> Self {
        self.ping_url = None;
        self
    }
}

/// The monitors that the caller may see, by id: one's own and one's teams', all with
/// `alerts:read`.
///
/// # Errors
/// The store's.
pub async fn list_monitors(
    ctx: &Context,
    principal: &Principal,
) -> Result<Vec<MonitorItem>, AppError> {
    let mut all = ctx.store.monitors().await?;
    let directory = ctx.store.directory().await?;
    let sight = Sight::of(principal, &directory);
    let handles = |m: &Monitor| {
        principal.holds("alerts:write") || sight.covers_of(m.owner.as_ref(), m.team.as_ref())
    };
    if !principal.holds("alerts:read") {
        all.retain(|m| sight.covers_of(m.owner.as_ref(), m.team.as_ref()));
    }
    let item = |monitor: Monitor| match handles(&monitor) {
        true => MonitorItem::of(ctx, monitor),
        false => MonitorItem::of(ctx, monitor).without_key(),
    };
    Ok(all.into_iter().map(item).collect())
}

/// What these monitors depend on, as far as it exists: whoever may see a monitor may see
/// that. `items` come from [`list_monitors`] or [`get_monitor`].
///
/// # Errors
/// The store's.
pub async fn what_they_need(
    ctx: &Context,
    items: &[MonitorItem],
) -> Result<BTreeMap<CredentialId, Credential>, AppError> {
    let monitors = items.iter().map(|item| &item.monitor);
    Ok(depended_on(ctx, monitors).await?)
}

/// Whether the caller may change and remove this monitor.
///
/// # Errors
/// The store's.
pub async fn may_change_monitor(
    ctx: &Context,
    principal: &Principal,
    item: &MonitorItem,
) -> Result<bool, AppError> {
    handles(ctx, principal, &item.monitor, &["alerts:write"]).await
}

/// One monitor.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn get_monitor(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<MonitorItem, AppError> {
    let monitor = visible(ctx, principal, id, &["alerts:read", "alerts:write"]).await?;
    let handled = handles(ctx, principal, &monitor, &["alerts:write"]).await?;
    let item = MonitorItem::of(ctx, monitor);
    Ok(if handled { item } else { item.without_key() })
}

/// The monitor of this id.
pub(super) async fn load(ctx: &Context, text: &str) -> Result<Monitor, AppError> {
    let id = MonitorId::parse(text).map_err(|_| unknown(text))?;
    let found = ctx.store.monitor(&id).await?;
    found.ok_or_else(|| unknown(text))
}

fn unknown(text: &str) -> AppError {
    let shown = crate::error::shown(text);
    AppError::not_found(format!("monitor {shown}"))
}

/// The monitor, if the caller owns it, belongs to its team, or holds a scope.
pub(super) async fn visible(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    scopes: &[&str],
) -> Result<Monitor, AppError> {
    let monitor = load(ctx, id).await?;
    if handles(ctx, principal, &monitor, scopes).await? {
        Ok(monitor)
    } else {
        Err(unknown(id))
    }
}

/// Whether the caller owns it, belongs to its team, or holds a scope.
pub(super) async fn handles(
    ctx: &Context,
    principal: &Principal,
    monitor: &Monitor,
    scopes: &[&str],
) -> Result<bool, AppError> {
    if scopes.iter().any(|scope| principal.holds(scope)) {
        return Ok(true);
    }
    let directory = ctx.store.directory().await?;
    let sight = Sight::of(principal, &directory);
    Ok(sight.covers_of(monitor.owner.as_ref(), monitor.team.as_ref()))
}
