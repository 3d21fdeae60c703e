//! Saying who answers for a credential, who hears of it, and what breaks without it.

use std::collections::BTreeMap;

use domain::inventory::PlaceOfUse;
use domain::kernel::Span;

use super::CredentialItem;
use crate::{AppError, Context, Principal};

/// What shall change; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchCredential {
    /// Id, name or address of the owner. The owner of a token issued here cannot change:
    /// its grant hangs on it.
    pub owner: Option<Option<String>>,
    /// Id or name of the answering team.
    pub team: Option<Option<String>>,
    /// All watchers, as `person:ID`, `team:ID`, `address:EMAIL`.
    pub watchers: Option<Vec<String>>,
    /// The first lead time.
    pub lead_time: Option<Option<Span>>,
    /// All labels.
    pub labels: Option<BTreeMap<String, String>>,
    /// All places of use.
    pub used_by: Option<Vec<PlaceOfUse>>,
}

/// Changes who answers for a credential and who hears. Allowed to its owner, a member of
/// its team, or with `credentials:write`.
///
/// # Errors
/// [`AppError::Stale`] when another version than `if_match` stands.
pub async fn patch_credential(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: PatchCredential,
    if_match: Option<u64>,
) -> Result<CredentialItem, AppError> {
    let _ = (ctx, principal, id, patch, if_match);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
