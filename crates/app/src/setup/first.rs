//! What every installation has from its first start on.

use std::collections::BTreeSet;

use domain::access::Role;
use domain::kernel::{Name, RoleName, ServiceAccountId};
use domain::people::ServiceAccount;
use serde_json::Value;

use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context};

/// The id of the built-in service account that holds `Admin` until it is disabled.
pub const SETUP_ACCOUNT: &str = "sva_setup";

/// Stands in the store from the first start on until its bootstrap token was written, or
/// none was wanted.
const BOOTSTRAP: &str = "bootstrap_token";

/// Whether a bootstrap token may still be written: from the first start on, until one was
/// written or the server came up without one. A start that failed to write it is tried
/// again by the next.
///
/// # Errors
/// The store's.
pub async fn bootstrap_is_open(ctx: &Context) -> Result<bool, AppError> {
    Ok(ctx.store.meta(BOOTSTRAP).await?.is_some())
}

/// From now on no bootstrap token is written any more.
///
/// # Errors
/// The store's.
pub async fn close_bootstrap(ctx: &Context) -> Result<(), AppError> {
    let Some(from) = ctx.store.meta(BOOTSTRAP).await? else {
        return Ok(());
    };
    let mut unit = Unit::by("setup", ctx.now());
    unit.write(Write::SwapMeta {
        name: BOOTSTRAP.to_owned(),
        from: Some(from),
        to: None,
    });
    unit.audit("setup.close", BOOTSTRAP.to_owned(), Value::Null);
    match unit.commit(ctx).await {
        // Another node closed it.
        Err(AppError::Overtaken(_)) => Ok(()),
        done => done,
    }
}

/// Makes the built-in roles and the account `setup` if they are not there; changes
/// nothing that is. Call at every start, before [`crate::feed::load_index`]. Answers
/// whether this was the first start.
///
/// # Errors
/// The store's.
pub async fn prepare(ctx: &Context) -> Result<bool, AppError> {
    until_settled!(attempt(ctx))
}

async fn attempt(ctx: &Context) -> Result<bool, AppError> {
    let known = ctx.store.roles().await?;
    let id = account_id()?;
    let is_first = ctx.store.service_account(&id).await?.is_none();
    let mut unit = Unit::by("system", ctx.now());
    let mut missing = false;
    // An example that an admin removed stays away.
    let wanted = |role: &Role| !known.contains_key(&role.name) && (is_first || role.fixed);
    for role in Role::built_in().into_iter().filter(wanted) {
        unit.write(Write::PutRole(role));
        missing = true;
    }
    if is_first {
        unit.write(Write::PutServiceAccount(account(ctx, id)?));
        unit.write(Write::SetMeta(BOOTSTRAP.to_owned(), "open".to_owned()));
        unit.audit("setup.prepare", SETUP_ACCOUNT.to_owned(), Value::Null);
    }
    if is_first || missing {
        match unit.commit(ctx).await {
            // Another node starts for the first time too.
            Err(AppError::Conflict { sentence }) => return Err(AppError::Overtaken(sentence)),
            done => done?,
        }
    }
    Ok(is_first)
}

fn account(ctx: &Context, id: ServiceAccountId) -> Result<ServiceAccount, AppError> {
    Ok(ServiceAccount {
        id,
        name: Name::parse("setup").map_err(|e| AppError::Corrupt(e.to_string()))?,
        team: None,
        roles: BTreeSet::from([admin()?]),
        active: true,
        created_at: ctx.now(),
        version: 0,
    })
}

/// The id of the built-in account.
pub(super) fn account_id() -> Result<ServiceAccountId, AppError> {
    ServiceAccountId::parse(SETUP_ACCOUNT).map_err(|e| AppError::Corrupt(e.to_string()))
}

/// The role that holds everything.
pub(super) fn admin() -> Result<RoleName, AppError> {
    RoleName::parse("Admin").map_err(|e| AppError::Corrupt(e.to_string()))
}
