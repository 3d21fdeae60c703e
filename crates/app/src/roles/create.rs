//! A new role.

use domain::access::{Grant, Role, Whose, check_grant};
use domain::kernel::RoleName;
use serde_json::json;

use super::read::load;
use super::remove::carried_by;
use crate::idempotency::{made_before, remember, twin};
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal, feed, whois};

/// What a new role shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateRole {
    /// Its name, which is its id.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it allows; `*` is every scope.
    pub scopes: Vec<String>,
    /// Whether tokens with it may rotate themselves; `None` means yes.
    pub may_rotate_itself: Option<bool>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// Makes a role. Needs `roles:write` and everything the role grants.
///
/// # Errors
/// [`AppError::Forbidden`] names the missing scopes; [`AppError::Conflict`] if the name
/// is taken, or somebody still carries a removed role of this name.
pub async fn create_role(
    ctx: &Context,
    principal: &Principal,
    request: CreateRole,
) -> Result<Role, AppError> {
    until_settled!(attempt(ctx, principal, &request))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    request: &CreateRole,
) -> Result<Role, AppError> {
    principal.need("roles:write", "to make roles")?;
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        return load(ctx, &made).await;
    }
    let mut role = decide(ctx, principal, request).await?;
    nobody_carries(ctx, &role).await?;
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::PutRole(role.clone())).audit(
        "role.create",
        format!("role:{}", role.name),
        told(&role),
    );
    remember(&mut unit, ctx, principal, key, role.name.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    feed::refresh_standings(ctx).await?;
    role.version += 1;
    Ok(role)
}

/// A role that was given while it was removed is still carried, and allows nothing: a new
/// one of its name would be given to whoever kept it, without anybody saying so.
async fn nobody_carries(ctx: &Context, role: &Role) -> Result<(), AppError> {
    let directory = ctx.store.directory().await?;
    let Some(carrier) = carried_by(ctx, role, &directory).await? else {
        return Ok(());
    };
    let name = &role.name;
    let sentence = format!(
        "{carrier} carries a role `{name}` that was removed; take it away first, or choose another name"
    );
    Err(AppError::conflict(sentence))
}

async fn decide(
    ctx: &Context,
    principal: &Principal,
    request: &CreateRole,
) -> Result<Role, AppError> {
    let name = RoleName::parse(request.name.as_str());
    let name = name.map_err(|e| AppError::invalid("name", e))?;
    let grant = whois::scopes(&request.scopes, "scopes")?;
    editor_holds(&grant, principal)?;
    let standing = ctx.store.roles().await?;
    let alike = |known: &&RoleName| known.as_str().eq_ignore_ascii_case(name.as_str());
    if let Some(known) = standing.keys().find(alike) {
        let sentence = format!("there is a role `{known}` already; names differ by more than case");
        return Err(AppError::conflict(sentence));
    }
    Ok(Role {
        name,
        description: described(&request.description)?,
        grant,
        fixed: false,
        may_rotate_itself: request.may_rotate_itself.unwrap_or(true),
        version: 0,
    })
}

/// A description within bounds.
pub(crate) fn described(text: &str) -> Result<String, AppError> {
    const BYTES_MAX: usize = 1000;
    if text.len() > BYTES_MAX || text.chars().any(char::is_control) {
        let problem = format!("a description has at most {BYTES_MAX} bytes on one line");
        return Err(AppError::invalid("description", problem));
    }
    Ok(text.to_owned())
}

/// P6: whoever makes, changes, removes or hands out a role holds all it grants.
pub(crate) fn editor_holds(grant: &Grant, principal: &Principal) -> Result<(), AppError> {
    check_grant(grant, &principal.grant).map_err(|e| AppError::exceeds(e, Whose::Editor))
}

/// What the audit log keeps of a role.
pub(crate) fn told(role: &Role) -> serde_json::Value {
    json!({ "scopes": role.grant.words(), "may_rotate_itself": role.may_rotate_itself })
}
