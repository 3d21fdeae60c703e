//! A new service account.

use domain::kernel::{Name, ServiceAccountId};
use domain::people::{Directory, ServiceAccount};
use serde_json::json;

use super::read::load;
use crate::idempotency::{made_before, remember, twin};
use crate::people::ceiling::{may_hand_out, may_join};
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal, feed, whois};

/// What a new service account shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateServiceAccount {
    /// As shown; unique.
    pub name: String,
    /// Id or name of the responsible team.
    pub team: Option<String>,
    /// What it may do: the ceiling of its tokens.
    pub roles: Vec<String>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// Adds a service account. Needs `people:write`, everything the roles grant, and for one
/// in a team what belonging to a team opens.
///
/// # Errors
/// [`AppError::Conflict`] if the name is taken.
pub async fn create_service_account(
    ctx: &Context,
    principal: &Principal,
    request: CreateServiceAccount,
) -> Result<ServiceAccount, AppError> {
    until_settled!(attempt(ctx, principal, &request))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    request: &CreateServiceAccount,
) -> Result<ServiceAccount, AppError> {
    principal.need("people:write", "to add service accounts")?;
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        return load(ctx, &made).await;
    }
    let mut account = decide(ctx, principal, request).await?;
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::PutServiceAccount(account.clone()));
    unit.audit(
        "service_account.create",
        account.id.to_string(),
        told(&account),
    );
    remember(&mut unit, ctx, principal, key, account.id.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    feed::refresh_standings(ctx).await?;
    account.version += 1;
    Ok(account)
}

async fn decide(
    ctx: &Context,
    principal: &Principal,
    request: &CreateServiceAccount,
) -> Result<ServiceAccount, AppError> {
    let directory = ctx.store.directory().await?;
    let roles = ctx.store.roles().await?;
    let names = whois::roles(&roles, &request.roles, "roles")?;
    may_hand_out(&names, &roles, principal)?;
    if request.team.is_some() {
        may_join(principal)?;
    }
    let team = request
        .team
        .as_ref()
        .map(|t| whois::team(&directory, t, "team"));
    let name = whois::name(&request.name)?;
    name_is_free(&directory, &name, None)?;
    Ok(ServiceAccount {
        id: ServiceAccountId::random(&mut ctx.random.as_ref()),
        name,
        team: team.transpose()?,
        roles: names,
        active: true,
        created_at: ctx.now(),
        version: 0,
    })
}

/// Names of service accounts are unique: tokens are issued for them by name.
pub(super) fn name_is_free(
    directory: &Directory,
    name: &Name,
    but: Option<&ServiceAccountId>,
) -> Result<(), AppError> {
    let called = |a: &ServiceAccount| a.name == *name || a.id.as_str() == name.as_str();
    let taken = |a: &&ServiceAccount| called(a) && Some(&a.id) != but;
    match directory.service_accounts.values().find(taken) {
        Some(other) => Err(AppError::conflict(format!(
            "the name `{name}` belongs to {} already; choose another",
            other.id
        ))),
        None => Ok(()),
    }
}

/// What the audit log keeps of a service account.
pub(super) fn told(account: &ServiceAccount) -> serde_json::Value {
    json!({
        "name": account.name,
        "team": account.team,
        "roles": account.roles,
        "active": account.active,
    })
}
