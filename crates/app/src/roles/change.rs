//! Changing what a role grants, and with it what everybody who carries it may do.

use domain::access::{Role, Roles};

use super::create::{described, editor_holds, told};
use super::read::load;
use crate::feed::{self, Affected};
use crate::people::ceiling::{LastAdmin, keep_an_admin};
use crate::ports::Write;
use crate::unit::{Unit, expect_version, until_settled};
use crate::{AppError, Context, Principal, whois};

/// What shall change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchRole {
    /// What it is for.
    pub description: Option<String>,
    /// All it allows.
    pub scopes: Option<Vec<String>>,
    /// Whether tokens with it may rotate themselves.
    pub may_rotate_itself: Option<bool>,
}

/// Changes a role. Needs `roles:write` and everything the role grants before and after.
///
/// # Errors
/// [`AppError::Conflict`] for the fixed roles, and if nobody could do everything any more;
/// [`AppError::Stale`] when another version
/// stands.
pub async fn change_role(
    ctx: &Context,
    principal: &Principal,
    name: &str,
    patch: PatchRole,
    if_match: Option<u64>,
) -> Result<Role, AppError> {
    let role = until_settled!(attempt(ctx, principal, name, &patch, if_match))?;
    feed::refresh_standings(ctx).await?;
    feed::restate(ctx, &Affected::Role(role.name.clone())).await;
    Ok(role)
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    name: &str,
    patch: &PatchRole,
    if_match: Option<u64>,
) -> Result<Role, AppError> {
    principal.need("roles:write", "to change roles")?;
    let mut role = load(ctx, name).await?;
    may_change(&role, principal)?;
    expect_version(|| format!("role `{}`", role.name), role.version, if_match)?;
    if let Some(words) = &patch.scopes {
        role.grant = whois::scopes(words, "scopes")?;
        editor_holds(&role.grant, principal)?;
    }
    if let Some(text) = &patch.description {
        role.description = described(text)?;
    }
    role.may_rotate_itself = patch.may_rotate_itself.unwrap_or(role.may_rotate_itself);
    let guard = LastAdmin::read(ctx).await?;
    let fewer = keep_an_admin_without(ctx, &role).await?;
    let mut unit = Unit::of(principal, ctx.now());
    if fewer {
        guard.queue(&mut unit, format!("role:{} {}", role.name, role.version));
    }
    unit.write(Write::PutRole(role.clone()))
        .write(feed::restate_wanted(ctx))
        .audit("role.change", format!("role:{}", role.name), told(&role));
    unit.commit(ctx).await?;
    role.version += 1;
    Ok(role)
}

/// A role that grants everything may be the only way in there is.
async fn keep_an_admin_without(ctx: &Context, changed: &Role) -> Result<bool, AppError> {
    let directory = ctx.store.directory().await?;
    let before = ctx.store.roles().await?;
    let mut after = Roles::clone(&before);
    after.insert(changed.name.clone(), changed.clone());
    keep_an_admin(ctx, (&directory, &before), (&directory, &after))
}

/// The fixed roles stay as they are; others need all that they grant.
pub(crate) fn may_change(role: &Role, principal: &Principal) -> Result<(), AppError> {
    if role.fixed {
        let sentence = format!(
            "the role `{}` is built in and stays as it is; make another one",
            role.name
        );
        return Err(AppError::conflict(sentence));
    }
    editor_holds(&role.grant, principal)
}
