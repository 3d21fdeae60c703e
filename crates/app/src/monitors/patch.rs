//! Changing a monitor: what it is, who answers for it, whether it is missed.

use domain::inventory::Monitor;
use domain::kernel::Span;

use super::read::{MonitorItem, handles, visible};
use super::{dependencies, told, within};
use crate::ports::Write;
use crate::unit::{Unit, expect_version, until_settled};
use crate::{AppError, Context, Principal, whois};

/// What shall change; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchMonitor {
    /// As shown.
    pub name: Option<String>,
    /// How often it reports in.
    pub period: Option<Span>,
    /// How late it may be.
    pub grace: Option<Span>,
    /// Id, name or address of the accountable one.
    pub owner: Option<Option<String>>,
    /// Id or name of the answering team.
    pub team: Option<Option<String>>,
    /// All credentials whose lapse would stop it, each by its id or its exact name.
    pub depends_on: Option<Vec<String>>,
    /// True: nobody misses it; false: its silence counts from now on.
    pub paused: Option<bool>,
}

/// Changes a monitor. Allowed to its owner, a member of its team, or with
/// `alerts:write`.
///
/// # Errors
/// [`AppError::Stale`] when another version than `if_match` stands.
pub async fn patch_monitor(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: PatchMonitor,
    if_match: Option<u64>,
) -> Result<MonitorItem, AppError> {
    until_settled!(attempt(ctx, principal, id, &patch, if_match))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: &PatchMonitor,
    if_match: Option<u64>,
) -> Result<MonitorItem, AppError> {
    let mut monitor = visible(ctx, principal, id, &["alerts:read", "alerts:write"]).await?;
    if !handles(ctx, principal, &monitor, &["alerts:write"]).await? {
        let to_do = "to change monitors of others";
        return Err(AppError::lacks("alerts:write", to_do));
    }
    expect_version(|| format!("monitor {id}"), monitor.version, if_match)?;
    apply(ctx, principal, &mut monitor, patch).await?;
    let mut unit = Unit::of(principal, ctx.now());
    // Whether an integration hangs on a person depends on who says that it needs what.
    for id in &monitor.depends_on {
        unit.look_at(id);
    }
    unit.write(Write::PutMonitor(Box::new(monitor.clone())))
        .look_at_monitor(&monitor.id)
        .audit("monitor.change", monitor.id.to_string(), told(&monitor));
    unit.commit(ctx).await?;
    monitor.version += 1;
    Ok(MonitorItem::of(ctx, monitor))
}

async fn apply(
    ctx: &Context,
    principal: &Principal,
    monitor: &mut Monitor,
    patch: &PatchMonitor,
) -> Result<(), AppError> {
    if let Some(name) = &patch.name {
        monitor.name = whois::name(name)?;
    }
    if let Some(period) = patch.period {
        monitor.period = within(period, "period")?;
    }
    if let Some(grace) = patch.grace {
        monitor.grace = within(grace, "grace")?;
    }
    let directory = ctx.store.directory().await?;
    if let Some(owner) = &patch.owner {
        let named = owner.as_ref().map(|o| whois::owner(&directory, o, "owner"));
        monitor.owner = named.transpose()?;
    }
    if let Some(team) = &patch.team {
        let named = team.as_ref().map(|t| whois::team(&directory, t, "team"));
        monitor.team = named.transpose()?;
    }
    if patch.owner.is_some() || patch.team.is_some() {
        super::create::may_set_up(principal, monitor, &directory)?;
    }
    if let Some(ids) = &patch.depends_on {
        monitor.depends_on = dependencies(ctx, principal, ids, &monitor.depends_on).await?;
    }
    match (patch.paused, monitor.paused_at) {
        (Some(true), None) => monitor.paused_at = Some(ctx.now()),
        (Some(false), Some(_)) => {
            monitor.paused_at = None;
            monitor.counts_from = ctx.now();
        }
        _ => {}
    }
    Ok(())
}
