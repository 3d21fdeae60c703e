//! Removing a role that nobody carries.

use domain::access::Role;
use domain::inventory::State;
use domain::people::Directory;

use super::change::may_change;
use super::read::load;
use crate::ports::{CredentialFilter, PageRequest, Write};
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal, feed};

/// Removes a role. Needs `roles:write` and everything the role grants.
///
/// # Errors
/// [`AppError::Conflict`] for the fixed roles, and while a person, a service account or
/// a live token carries it.
pub async fn remove_role(ctx: &Context, principal: &Principal, name: &str) -> Result<(), AppError> {
    until_settled!(attempt(ctx, principal, name))
}

async fn attempt(ctx: &Context, principal: &Principal, name: &str) -> Result<(), AppError> {
    principal.need("roles:write", "to remove roles")?;
    let role = load(ctx, name).await?;
    may_change(&role, principal)?;
    let directory = ctx.store.directory().await?;
    if let Some(carrier) = carried_by(ctx, &role, &directory).await? {
        let name = &role.name;
        let sentence = format!("{carrier} still carries the role `{name}`; take it away first");
        return Err(AppError::conflict(sentence));
    }
    let mut unit = Unit::of(principal, ctx.now());
    let target = format!("role:{}", role.name);
    unit.write(Write::RemoveRole(role.name, role.version))
        .audit("role.remove", target, serde_json::Value::Null);
    unit.commit(ctx).await?;
    feed::refresh_standings(ctx).await
}

/// Who carries a role, whether it stands or not: a person or an account that are there,
/// or a token that is not over.
pub(super) async fn carried_by(
    ctx: &Context,
    role: &Role,
    directory: &Directory,
) -> Result<Option<String>, AppError> {
    let person = directory
        .persons
        .values()
        .find(|p| p.roles.contains(&role.name));
    let account = || {
        let mut accounts = directory.service_accounts.values();
        accounts.find(|a| a.roles.contains(&role.name))
    };
    if let Some(id) = person.map(|p| p.id.to_string()) {
        return Ok(Some(id));
    }
    if let Some(id) = account().map(|a| a.id.to_string()) {
        return Ok(Some(id));
    }
    let filter = CredentialFilter {
        now: ctx.now(),
        issued_here: Some(true),
        role: Some(role.name.to_string()),
        states: vec![State::Active, State::Suspended],
        ..CredentialFilter::default()
    };
    let one = PageRequest {
        limit: 1,
        after: None,
    };
    let found = ctx.store.list_credentials(&filter, &one).await?;
    Ok(found
        .items
        .first()
        .map(|(c, _)| format!("the token {}", c.id)))
}
