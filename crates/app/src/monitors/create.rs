//! A new monitor.

use domain::inventory::{Monitor, PingKey};
use domain::kernel::{MonitorId, Span};
use domain::people::Directory;

use super::read::{MonitorItem, load};
use super::{dependencies, told, within};
use crate::idempotency::{made_before, remember, twin};
use crate::ports::Write;
use crate::sight::Sight;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal, whois};

/// The most monitors there may be: a list is read as a whole.
const MONITORS_MAX: u64 = 10_000;
/// Whoever may set up none for others has at most so many: they are not to use up all.
const PER_OWNER: u64 = 50;

/// What a new monitor shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateMonitor {
    /// As shown; need not be unique.
    pub name: String,
    /// How often it reports in.
    pub period: Span,
    /// How late it may be; a fifth of the period, at least five minutes, if not given.
    pub grace: Option<Span>,
    /// Id, name or address of the accountable one; the caller's own owner if not given.
    pub owner: Option<String>,
    /// Id or name of the answering team.
    pub team: Option<String>,
    /// The credentials whose lapse would stop it, each by its id or its exact name.
    pub depends_on: Vec<String>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// Sets up a monitor. For oneself or one's own team anybody may; for others
/// `alerts:write` is needed. Credentials that the caller may not see cannot be named.
///
/// # Errors
/// [`AppError::Conflict`] when there are 10,000 already, or without `alerts:write` 50 of
/// the same owner.
pub async fn create_monitor(
    ctx: &Context,
    principal: &Principal,
    request: CreateMonitor,
) -> Result<MonitorItem, AppError> {
    until_settled!(attempt(ctx, principal, &request))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    request: &CreateMonitor,
) -> Result<MonitorItem, AppError> {
    let directory = ctx.store.directory().await?;
    let mut monitor = decide(ctx, principal, request, &directory)?;
    may_set_up(principal, &monitor, &directory)?;
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        return Ok(MonitorItem::of(ctx, load(ctx, &made).await?));
    }
    let wanted = &request.depends_on;
    monitor.depends_on = dependencies(ctx, principal, wanted, &monitor.depends_on).await?;
    is_room(ctx, principal, &monitor).await?;
    let mut unit = Unit::of(principal, ctx.now());
    // Whether an integration hangs on a person depends on who says that it needs what.
    for id in &monitor.depends_on {
        unit.look_at(id);
    }
    unit.write(Write::PutMonitor(Box::new(monitor.clone())))
        .look_at_monitor(&monitor.id)
        .audit("monitor.create", monitor.id.to_string(), told(&monitor));
    remember(&mut unit, ctx, principal, key, monitor.id.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    monitor.version += 1;
    Ok(MonitorItem::of(ctx, monitor))
}

async fn is_room(ctx: &Context, principal: &Principal, monitor: &Monitor) -> Result<(), AppError> {
    if ctx.store.count_monitors(None).await? >= MONITORS_MAX {
        let sentence = format!("there are {MONITORS_MAX} monitors already; remove one first");
        return Err(AppError::conflict(sentence));
    }
    if principal.holds("alerts:write") {
        return Ok(());
    }
    let owner = monitor.owner.as_ref();
    if ctx.store.count_monitors(owner).await? >= PER_OWNER {
        let sentence = format!("you answer for {PER_OWNER} monitors already; remove one first");
        return Err(AppError::conflict(sentence));
    }
    Ok(())
}

fn decide(
    ctx: &Context,
    principal: &Principal,
    request: &CreateMonitor,
    directory: &Directory,
) -> Result<Monitor, AppError> {
    let owner = match &request.owner {
        Some(text) => whois::owner(directory, text, "owner")?,
        None => principal.owner.clone(),
    };
    let team = request.team.as_ref();
    let team = team
        .map(|t| whois::team(directory, t, "team"))
        .transpose()?;
    let period = within(request.period, "period")?;
    let grace = request
        .grace
        .unwrap_or_else(|| Monitor::usual_grace(period));
    let now = ctx.now();
    let entropy = &mut ctx.random.as_ref();
    Ok(Monitor {
        id: MonitorId::random(entropy),
        key: PingKey::random(entropy),
        name: whois::name(&request.name)?,
        period,
        grace: within(grace, "grace")?,
        owner: Some(owner),
        team,
        depends_on: Default::default(),
        created_at: now,
        counts_from: now,
        paused_at: None,
        last_ping_at: None,
        failed_at: None,
        pings: 0,
        version: 0,
    })
}

/// Whoever answers for it, or holds the scope: it makes others hear.
pub(super) fn may_set_up(
    principal: &Principal,
    monitor: &Monitor,
    directory: &Directory,
) -> Result<(), AppError> {
    let sight = Sight::of(principal, directory);
    let own = monitor.owner.as_ref().is_some_and(|o| sight.is(o));
    let team = monitor.team.as_ref().is_none_or(|t| sight.belongs_to(t));
    if principal.holds("alerts:write") || (own && team) {
        return Ok(());
    }
    Err(AppError::lacks(
        "alerts:write",
        "to set up monitors for others",
    ))
}
