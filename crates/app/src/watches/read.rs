//! Rules about watchers as a list.

use domain::inventory::Watch;
use domain::kernel::WatchId;
use domain::people::{Owner, Recipient};

use crate::{AppError, Context, Principal};

/// All rules by id; without `credentials:read` those that tell the caller and nobody else.
///
/// # Errors
/// The store's.
pub async fn list_watches(ctx: &Context, principal: &Principal) -> Result<Vec<Watch>, AppError> {
    let mut watches = ctx.store.watches().await?;
    let all = principal.holds("credentials:read");
    watches.retain(|watch| all || is_own(watch, principal));
    Ok(watches)
}

/// The rule of this id, if the caller may see it.
pub(super) async fn load(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<Watch, AppError> {
    let shown = crate::error::shown(id);
    let unknown = || AppError::not_found(format!("watch {shown}"));
    let id = WatchId::parse(id).map_err(|_| unknown())?;
    let all = list_watches(ctx, principal).await?;
    all.into_iter().find(|w| w.id == id).ok_or_else(unknown)
}

/// Whether it tells the caller and nobody else.
pub(super) fn is_own(watch: &Watch, principal: &Principal) -> bool {
    let own = oneself(principal).map(|own| own.to_string());
    own.is_some_and(|own| watch.rule.notify == [own])
}

/// As whom the caller hears; nobody for a service account, which has no address, and for a
/// connector token, which only pushes.
pub(super) fn oneself(principal: &Principal) -> Option<Recipient> {
    match &principal.owner {
        Owner::Person(id) if principal.ingest_source.is_none() => {
            Some(Recipient::Person(id.clone()))
        }
        _ => None,
    }
}
