//! Teams: people who answer for credentials together.

use domain::people::Team;

use crate::{AppError, Context, IdempotencyKey, Principal};

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
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

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
    let _ = (ctx, principal, request);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// All teams, by id. Needs `people:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_teams(ctx: &Context, principal: &Principal) -> Result<Vec<Team>, AppError> {
    let _ = (ctx, principal);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// One team, by id or name. Needs `people:read`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get_team(ctx: &Context, principal: &Principal, id: &str) -> Result<Team, AppError> {
    let _ = (ctx, principal, id);
    Err(AppError::Unavailable("not built yet".to_owned()))
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
    let _ = (ctx, principal, id, patch, if_match);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
