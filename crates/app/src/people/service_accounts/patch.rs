//! Changing a service account: what it may do, who answers for it, whether it works.

use domain::access::Roles;
use domain::people::{Directory, Owner, ServiceAccount};

use super::create::{name_is_free, told};
use super::read::load;
use crate::feed::{self, Affected};
use crate::people::ceiling::{LastAdmin, keep_an_admin, may_change, may_join};
use crate::ports::{Answering, Write};
use crate::unit::{Unit, expect_version, until_settled};
use crate::{AppError, Context, Principal, whois};

/// What shall change; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchServiceAccount {
    /// As shown.
    pub name: Option<String>,
    /// Id or name of the responsible team.
    pub team: Option<Option<String>>,
    /// All roles.
    pub roles: Option<Vec<String>>,
    /// False disables: its tokens stop at once and revive when enabled.
    pub active: Option<bool>,
}

/// Changes a service account, named by id or name. Needs `people:write`, everything the
/// account holds, everything that a role grants which is given or taken, and what
/// belonging to a team opens if it joins one.
///
/// # Errors
/// [`AppError::Forbidden`] for an account that holds more than the caller;
/// [`AppError::Conflict`] if nobody would hold `*` any more.
pub async fn patch_service_account(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: PatchServiceAccount,
    if_match: Option<u64>,
) -> Result<ServiceAccount, AppError> {
    let account = until_settled!(attempt(ctx, principal, id, &patch, if_match))?;
    let owner = Owner::ServiceAccount(account.id.clone());
    feed::refresh_standings(ctx).await?;
    feed::restate(ctx, &Affected::Owner(owner)).await;
    Ok(account)
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: &PatchServiceAccount,
    if_match: Option<u64>,
) -> Result<ServiceAccount, AppError> {
    principal.need("people:write", "to change service accounts")?;
    let before = load(ctx, id).await?;
    expect_version(|| format!("service account {id}"), before.version, if_match)?;
    let guard = LastAdmin::read(ctx).await?;
    let directory = ctx.store.directory().await?;
    let roles = ctx.store.roles().await?;
    let mut account = apply(before.clone(), patch, &directory, &roles)?;
    may_change(&before.roles, &account.roles, &roles, principal)?;
    if account.team.is_some() && account.team != before.team {
        may_join(principal)?;
    }
    let mut after = Directory::clone(&directory);
    after
        .service_accounts
        .insert(account.id.clone(), account.clone());
    let fewer = keep_an_admin(ctx, (&directory, &roles), (&after, &roles))?;
    let mut unit = Unit::of(principal, ctx.now());
    if fewer {
        guard.queue(&mut unit, format!("{} {}", account.id, account.version));
    }
    unit.write(Write::PutServiceAccount(account.clone()))
        .write(feed::restate_wanted(ctx))
        .look_at_all_of(Answering::Owner(Owner::ServiceAccount(account.id.clone())))
        .audit(
            "service_account.change",
            account.id.to_string(),
            told(&account),
        );
    unit.commit(ctx).await?;
    account.version += 1;
    Ok(account)
}

fn apply(
    mut account: ServiceAccount,
    patch: &PatchServiceAccount,
    directory: &Directory,
    roles: &Roles,
) -> Result<ServiceAccount, AppError> {
    if let Some(name) = &patch.name {
        let name = whois::name(name)?;
        name_is_free(directory, &name, Some(&account.id))?;
        account.name = name;
    }
    if let Some(team) = &patch.team {
        let named = team.as_ref().map(|t| whois::team(directory, t, "team"));
        account.team = named.transpose()?;
    }
    if let Some(names) = &patch.roles {
        account.roles = whois::roles(roles, names, "roles")?;
    }
    account.active = patch.active.unwrap_or(account.active);
    Ok(account)
}
