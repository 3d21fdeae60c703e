//! A new team.

use std::collections::BTreeSet;

use domain::kernel::{Name, PersonId, TeamId};
use domain::people::{Directory, Team};
use serde_json::json;

use super::read::load;
use crate::idempotency::{made_before, remember, twin};
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal, feed, whois};

/// What a new team shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateTeam {
    /// As shown, and how the configuration names it; unique.
    pub name: String,
    /// The team's own mailbox.
    pub email: Option<String>,
    /// Id or name of the team that hears when nobody in this one can.
    pub parent: Option<String>,
    /// Ids or addresses of persons.
    pub members: Vec<String>,
    /// The id under which a system that provisions people knows the team.
    pub external_id: Option<String>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// Adds a team. Needs `people:write`.
///
/// # Errors
/// [`AppError::Conflict`] if the name is taken.
pub async fn create_team(
    ctx: &Context,
    principal: &Principal,
    request: CreateTeam,
) -> Result<Team, AppError> {
    until_settled!(attempt(ctx, principal, &request))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    request: &CreateTeam,
) -> Result<Team, AppError> {
    principal.need("people:write", "to add teams")?;
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        return load(ctx, &made).await;
    }
    let mut team = decide(ctx, request).await?;
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::PutTeam(team.clone()))
        .audit("team.create", team.id.to_string(), told(&team));
    remember(&mut unit, ctx, principal, key, team.id.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    feed::refresh_standings(ctx).await?;
    team.version += 1;
    Ok(team)
}

async fn decide(ctx: &Context, request: &CreateTeam) -> Result<Team, AppError> {
    let directory = ctx.store.directory().await?;
    let name = whois::name(&request.name)?;
    name_is_free(&directory, &name, None)?;
    let parent = request
        .parent
        .as_ref()
        .map(|t| whois::team(&directory, t, "parent"));
    Ok(Team {
        id: TeamId::random(&mut ctx.random.as_ref()),
        name,
        email: request.email.as_deref().map(whois::email).transpose()?,
        parent: parent.transpose()?,
        members: members(&directory, &request.members)?,
        external_id: request.external_id.clone(),
        removed: false,
        created_at: ctx.now(),
        version: 0,
    })
}

/// The most members a team may have.
const MEMBERS_MAX: usize = 10_000;

/// Members by id or address.
pub(super) fn members(
    directory: &Directory,
    texts: &[String],
) -> Result<BTreeSet<PersonId>, AppError> {
    if texts.len() > MEMBERS_MAX {
        return Err(AppError::invalid(
            "members",
            format!("at most {MEMBERS_MAX} are allowed"),
        ));
    }
    let one = |text: &String| whois::person(directory, text, "members");
    texts.iter().map(one).collect()
}

/// Names of teams are unique: the configuration names teams by them. An id of another
/// team is no name either.
pub(super) fn name_is_free(
    directory: &Directory,
    name: &Name,
    but: Option<&TeamId>,
) -> Result<(), AppError> {
    match directory.team_named(name.as_str()) {
        Some(other) if Some(&other.id) != but => Err(AppError::conflict(format!(
            "the name `{name}` belongs to {} already; choose another",
            other.id
        ))),
        _ => Ok(()),
    }
}

/// What the audit log keeps of a team.
pub(super) fn told(team: &Team) -> serde_json::Value {
    json!({ "name": team.name, "parent": team.parent, "members": team.members })
}
