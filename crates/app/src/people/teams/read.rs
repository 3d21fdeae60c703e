//! Teams as a list and one by one.

use domain::people::Team;

use crate::{AppError, Context, Principal};

/// All teams, by id. Needs `people:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_teams(ctx: &Context, principal: &Principal) -> Result<Vec<Team>, AppError> {
    principal.need("people:read", "to list teams")?;
    let directory = ctx.store.directory().await?;
    Ok(directory.teams.values().cloned().collect())
}

/// One team, by id or name. Needs `people:read`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get_team(ctx: &Context, principal: &Principal, id: &str) -> Result<Team, AppError> {
    principal.need("people:read", "to read teams")?;
    load(ctx, id).await
}

/// The team of this id or name.
pub(crate) async fn load(ctx: &Context, text: &str) -> Result<Team, AppError> {
    let directory = ctx.store.directory().await?;
    directory.team_named(text).cloned().ok_or_else(|| {
        let shown = crate::error::shown(text);
        AppError::not_found(format!("team {shown}"))
    })
}
