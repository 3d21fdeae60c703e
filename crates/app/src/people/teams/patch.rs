//! Changing a team: its members, its mailbox, who hears in its place.

use domain::kernel::TeamId;
use domain::people::{Directory, Owner, Team};

use super::create::{members, name_is_free, told};
use super::read::load;
use crate::people::ceiling::may_join;
use crate::ports::{Answering, Write};
use crate::unit::{Unit, expect_version, until_settled};
use crate::{AppError, Context, Principal, feed, whois};

/// What shall change; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchTeam {
    /// As shown.
    pub name: Option<String>,
    /// The team's own mailbox.
    pub email: Option<Option<String>>,
    /// Id or name of the parent.
    pub parent: Option<Option<String>>,
    /// All members.
    pub members: Option<Vec<String>>,
    /// The id under which a system that provisions people knows the team.
    pub external_id: Option<Option<String>>,
    /// That system took the team away, or brought it back.
    pub removed: Option<bool>,
}

/// Changes a team, named by id or name. Needs `people:write`.
///
/// # Errors
/// [`AppError::Invalid`] for a parent that would close a loop.
pub async fn patch_team(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: PatchTeam,
    if_match: Option<u64>,
) -> Result<Team, AppError> {
    let team = until_settled!(attempt(ctx, principal, id, &patch, if_match))?;
    feed::refresh_standings(ctx).await?;
    Ok(team)
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: &PatchTeam,
    if_match: Option<u64>,
) -> Result<Team, AppError> {
    principal.need("people:write", "to change teams")?;
    let before = load(ctx, id).await?;
    expect_version(|| format!("team {id}"), before.version, if_match)?;
    let directory = ctx.store.directory().await?;
    let mut team = apply(before.clone(), patch, &directory)?;
    if let Owner::Person(oneself) = &principal.owner
        && team.members.contains(oneself)
        && !before.members.contains(oneself)
    {
        may_join(principal)?;
    }
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::PutTeam(team.clone()))
        .look_at_all_of(Answering::Team(team.id.clone()))
        .audit("team.change", team.id.to_string(), told(&team));
    unit.commit(ctx).await?;
    team.version += 1;
    Ok(team)
}

fn apply(mut team: Team, patch: &PatchTeam, directory: &Directory) -> Result<Team, AppError> {
    if let Some(name) = &patch.name {
        let name = whois::name(name)?;
        name_is_free(directory, &name, Some(&team.id))?;
        team.name = name;
    }
    if let Some(email) = &patch.email {
        team.email = email.as_deref().map(whois::email).transpose()?;
    }
    if let Some(parent) = &patch.parent {
        team.parent = match parent {
            Some(text) => Some(parent_of(&team, text, directory)?),
            None => None,
        };
    }
    if let Some(texts) = &patch.members {
        team.members = members(directory, texts)?;
    }
    if let Some(id) = &patch.external_id {
        team.external_id.clone_from(id);
    }
    team.removed = patch.removed.unwrap_or(team.removed);
    Ok(team)
}

fn parent_of(team: &Team, text: &str, directory: &Directory) -> Result<TeamId, AppError> {
    let parent = whois::team(directory, text, "parent")?;
    if directory.line_of(&parent).iter().any(|t| t.id == team.id) {
        let problem = format!(
            "{parent} stands below {} already; that would be a loop",
            team.id
        );
        return Err(AppError::invalid("parent", problem));
    }
    Ok(parent)
}
