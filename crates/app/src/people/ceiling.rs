//! Who may hand out roles, and that somebody who may do everything stays.

use std::collections::BTreeSet;

use domain::access::{Roles, grant_of, owner_grant};
use domain::kernel::RoleName;
use domain::people::{Directory, Owner};

use crate::roles::editor_holds;
use crate::{AppError, Context, Principal};

/// Whoever gives or takes roles holds everything they grant.
pub(crate) fn may_hand_out<'a>(
    names: impl IntoIterator<Item = &'a RoleName>,
    roles: &Roles,
    principal: &Principal,
) -> Result<(), AppError> {
    editor_holds(&grant_of(names, roles), principal)
}

/// The roles that were given or taken.
pub(crate) fn moved<'a>(
    before: &'a BTreeSet<RoleName>,
    after: &'a BTreeSet<RoleName>,
) -> impl Iterator<Item = &'a RoleName> {
    before.symmetric_difference(after)
}

/// What belonging to a team opens: seeing and handling all that the team answers for.
const OPENED_BY_TEAM: [&str; 5] = [
    "alerts:read",
    "alerts:write",
    "credentials:read",
    "credentials:write",
    "tokens:read",
];

/// P6: who moves others between teams may not let themselves into what they cannot see.
pub(crate) fn may_join(principal: &Principal) -> Result<(), AppError> {
    match OPENED_BY_TEAM.iter().find(|scope| !principal.holds(scope)) {
        Some(scope) => Err(AppError::lacks(scope, "to put oneself into a team")),
        None => Ok(()),
    }
}

/// Refuses a change after which no active owner could do everything any more.
pub(crate) fn keep_an_admin(
    ctx: &Context,
    before: &Directory,
    after: &Directory,
    roles: &Roles,
) -> Result<(), AppError> {
    if !has_admin(ctx, before, roles) || has_admin(ctx, after, roles) {
        return Ok(());
    }
    Err(AppError::conflict(
        "nobody could do everything any more after this; give somebody else the role `Admin` first",
    ))
}

fn has_admin(ctx: &Context, directory: &Directory, roles: &Roles) -> bool {
    let persons = directory.persons.keys().cloned().map(Owner::Person);
    let accounts = directory
        .service_accounts
        .keys()
        .cloned()
        .map(Owner::ServiceAccount);
    let is_admin = |owner: Owner| owner_grant(&owner, directory, roles, ctx.now()).is_all();
    persons.chain(accounts).any(is_admin)
}

/// Whether a person, not only the account `setup`, may do everything.
pub(crate) fn has_admin_person(ctx: &Context, directory: &Directory, roles: &Roles) -> bool {
    let persons = directory.persons.keys().cloned().map(Owner::Person);
    let is_admin = |owner: Owner| owner_grant(&owner, directory, roles, ctx.now()).is_all();
    persons.into_iter().any(is_admin)
}
