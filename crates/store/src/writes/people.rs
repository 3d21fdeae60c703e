//! Roles, people, teams, service accounts: documents, most of which verifying depends
//! on, so that they have a revision.

use app::ports::StoreError;
use domain::access::Role;
use domain::kernel::RoleName;
use domain::people::{Person, ServiceAccount, Team};

use super::document::{put, table};
use crate::sql::Step;

/// Gives a thing that verifying depends on its next revision. Behind another write of the
/// same transaction, which then has its number: see `FeedMark`.
pub(crate) fn revise(kind: &'static str, id: &str) -> Step {
    Step::run(
        "INSERT INTO feed (kind, id, rev) VALUES ($1, $2, {next_revision}) \
         ON CONFLICT (kind, id) DO UPDATE SET rev = excluded.rev",
        vec![kind.into(), id.into()],
    )
}

pub(crate) fn put_role(role: &Role) -> Result<Vec<Step>, StoreError> {
    let (what, mut next) = (format!("role {}", role.name), role.clone());
    next.version += 1;
    let id = role.name.as_str();
    let step = put(&table!("roles"), &what, id, &next, role.version)?;
    Ok(vec![step, revise("role", id)])
}

pub(crate) fn remove_role(name: &RoleName, version: u64) -> Vec<Step> {
    let sql = "DELETE FROM roles WHERE id = $1 AND version = $2 RETURNING 1";
    let values = vec![name.as_str().into(), version.into()];
    let step = Step::or_conflict(sql, values, &format!("role {name}"));
    vec![step, revise("role", name.as_str())]
}

pub(crate) fn put_person(person: &Person) -> Result<Vec<Step>, StoreError> {
    let (what, mut next) = (format!("person {}", person.id), person.clone());
    next.version += 1;
    let id = person.id.as_str();
    let step = put(&table!("people"), &what, id, &next, person.version)?;
    Ok(vec![step, revise("owner", id)])
}

pub(crate) fn put_team(team: &Team) -> Result<Vec<Step>, StoreError> {
    let (what, mut next) = (format!("team {}", team.id), team.clone());
    next.version += 1;
    let id = team.id.as_str();
    let step = put(&table!("teams"), &what, id, &next, team.version)?;
    Ok(vec![step, revise("team", id)])
}

pub(crate) fn put_service_account(account: &ServiceAccount) -> Result<Vec<Step>, StoreError> {
    let what = format!("service account {}", account.id);
    let mut next = account.clone();
    next.version += 1;
    let id = account.id.as_str();
    let table = table!("service_accounts");
    let step = put(&table, &what, id, &next, account.version)?;
    Ok(vec![step, revise("owner", id)])
}
