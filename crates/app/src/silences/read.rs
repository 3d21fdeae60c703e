//! Silences as a list.

use domain::expiry::Silence;
use domain::kernel::SilenceId;

use crate::{AppError, Context, Principal};

/// All silences by id; those that are over only if asked for. Needs `alerts:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_silences(
    ctx: &Context,
    principal: &Principal,
    with_over: bool,
) -> Result<Vec<Silence>, AppError> {
    principal.need("alerts:read", "to list silences")?;
    let now = ctx.now();
    let mut silences = ctx.store.silences().await?;
    silences.retain(|s| with_over || s.ends_at > now);
    Ok(silences)
}

/// The silence of this id.
pub(super) async fn load(ctx: &Context, id: &str) -> Result<Silence, AppError> {
    let shown = crate::error::shown(id);
    let unknown = || AppError::not_found(format!("silence {shown}"));
    let id = SilenceId::parse(id).map_err(|_| unknown())?;
    let all = ctx.store.silences().await?;
    all.into_iter().find(|s| s.id == id).ok_or_else(unknown)
}
