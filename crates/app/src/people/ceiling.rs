//! Who may hand out roles and change those who carry them, and that somebody who may do
//! everything stays.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Roles, Whose, check_grant, grant_of, owner_grant};
use domain::kernel::{Instant, RoleName};
use domain::people::{Directory, Owner};

use crate::ports::Write;
use crate::roles::editor_holds;
use crate::unit::Unit;
use crate::{AppError, Context, Principal};

/// Whoever gives or takes roles holds everything they grant.
pub(crate) fn may_hand_out<'a>(
    names: impl IntoIterator<Item = &'a RoleName>,
    roles: &Roles,
    principal: &Principal,
) -> Result<(), AppError> {
    editor_holds(&grant_of(names, roles), principal)
}

/// P6: whoever changes a person or an account holds all that it holds, before and after.
/// Otherwise who keeps the directory could shut out, or by another address take over,
/// somebody who may do more than they.
pub(crate) fn may_change(
    before: &BTreeSet<RoleName>,
    after: &BTreeSet<RoleName>,
    roles: &Roles,
    principal: &Principal,
) -> Result<(), AppError> {
    may_hand_out(before.symmetric_difference(after), roles, principal)?;
    check_grant(&grant_of(before, roles), &principal.grant)
        .map_err(|e| AppError::exceeds(e, Whose::Changed))
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
/// A service account counts as oneself, whoever's it is: who may issue tokens for it acts
/// as it.
pub(crate) fn may_join(principal: &Principal) -> Result<(), AppError> {
    match OPENED_BY_TEAM.iter().find(|scope| !principal.holds(scope)) {
        Some(scope) => Err(AppError::lacks(
            scope,
            "to put oneself or a service account into a team",
        )),
        None => Ok(()),
    }
}

/// The value that makes changes queue that leave fewer who may do everything: two of them
/// at once cannot each rely on whom the other takes away.
pub(crate) struct LastAdmin(Option<String>);

impl LastAdmin {
    const GUARD: &str = "last_admin_guard";

    /// To be read before whatever the change is decided by.
    pub(crate) async fn read(ctx: &Context) -> Result<Self, AppError> {
        Ok(Self(ctx.store.meta(Self::GUARD).await?))
    }

    /// The unit fails where another change queued since. `by` tells this change from
    /// every other.
    pub(crate) fn queue(self, unit: &mut Unit, by: String) {
        unit.write(Write::SwapMeta {
            name: Self::GUARD.to_owned(),
            from: self.0,
            to: Some(by),
        });
    }
}

/// Refuses a change that brings nearer the day from which nobody could do everything any
/// more. Who leaves on a known day counts until that day only. Answers whether fewer may
/// do everything afterwards, or for a shorter time: then the change queues as
/// [`LastAdmin`].
pub(crate) fn keep_an_admin(
    ctx: &Context,
    before: (&Directory, &Roles),
    after: (&Directory, &Roles),
) -> Result<bool, AppError> {
    let (before, after) = (admins(ctx, before), admins(ctx, after));
    let left = after.values().max();
    if left >= before.values().max() {
        let ends = |(owner, until)| after.get(owner).is_none_or(|left| left < until);
        return Ok(before.iter().any(ends));
    }
    let from = match left {
        Some(day) => format!("after {day}"),
        None => "any more after this".to_owned(),
    };
    Err(AppError::conflict(format!(
        "nobody could do everything {from}; give somebody else the role `Admin` first"
    )))
}

/// Who may do everything now, and until when at the longest.
fn admins(ctx: &Context, (directory, roles): (&Directory, &Roles)) -> BTreeMap<Owner, Instant> {
    let persons = directory.persons.values();
    let persons = persons.map(|p| (Owner::Person(p.id.clone()), p.leaves_at));
    let accounts = directory.service_accounts.keys().cloned();
    let accounts = accounts.map(|id| (Owner::ServiceAccount(id), None));
    let is_admin = |owner: &Owner| owner_grant(owner, directory, roles, ctx.now()).is_all();
    let admins = persons.chain(accounts).filter(|(owner, _)| is_admin(owner));
    admins
        .map(|(owner, leaves_at)| (owner, leaves_at.unwrap_or(Instant::MAX)))
        .collect()
}

/// Whether a person, not only the account `setup`, may do everything.
pub(crate) fn has_admin_person(ctx: &Context, directory: &Directory, roles: &Roles) -> bool {
    let persons = directory.persons.keys().cloned().map(Owner::Person);
    let is_admin = |owner: Owner| owner_grant(&owner, directory, roles, ctx.now()).is_all();
    persons.into_iter().any(is_admin)
}
