//! Teams that are provisioned.

use domain::people::{Directory, Team};

use super::{TRIES, provisioned};
use crate::people::teams::{CreateTeam, PatchTeam, create_team, patch_team};
use crate::{AppError, Context, Principal};

/// Adds a team. One of the same name that was taken away comes back, with what it answers
/// for.
///
/// # Errors
/// [`AppError::Conflict`] if the name belongs to a team that is there.
pub async fn admit_team(
    ctx: &Context,
    principal: &Principal,
    wish: PatchTeam,
) -> Result<Team, AppError> {
    principal.need("people:write", "to provision teams")?;
    let directory = ctx.store.directory().await?;
    let name = wish.name.clone().unwrap_or_default();
    let back = directory.team_named(&name).filter(|team| team.removed);
    if let Some(back) = back {
        let wish = PatchTeam {
            removed: Some(false),
            ..wish
        };
        return patch_team(ctx, principal, back.id.as_str(), wish, Some(back.version)).await;
    }
    let team = CreateTeam {
        name,
        members: wish.members.unwrap_or_default(),
        external_id: wish.external_id.flatten(),
        ..CreateTeam::default()
    };
    create_team(ctx, principal, team).await
}

/// Changes a team as `decide` says, who is shown the team as it stands; asked again when
/// somebody else was faster, so that no member is lost.
///
/// # Errors
/// [`AppError::NotFound`] also for what was taken away; what `decide` refuses.
pub async fn keep_team<E: From<AppError>>(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    decide: impl Fn(&Team, &Directory) -> Result<PatchTeam, E>,
) -> Result<Team, E> {
    let mut left = TRIES;
    loop {
        left -= 1;
        let directory = provisioned(ctx, principal).await?;
        let found = directory.teams.values().find(|t| t.id.as_str() == id);
        let team = found.ok_or_else(|| AppError::not_found("a team of this id"))?;
        let wish = decide(team, &directory)?;
        match patch_team(ctx, principal, id, wish, Some(team.version)).await {
            Err(AppError::Stale { .. }) if left > 0 => {}
            done => return done.map_err(E::from),
        }
    }
}

/// Takes a team away: it stays for what it answers for, without members, so that the team
/// above it hears.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn dismiss_team(ctx: &Context, principal: &Principal, id: &str) -> Result<(), AppError> {
    let gone = |_: &Team, _: &Directory| {
        Ok::<_, AppError>(PatchTeam {
            members: Some(Vec::new()),
            removed: Some(true),
            ..PatchTeam::default()
        })
    };
    keep_team(ctx, principal, id, gone).await.map(drop)
}
