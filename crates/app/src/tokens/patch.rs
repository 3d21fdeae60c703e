//! Changing what does not make a token another one: name, labels, who hears.

use std::collections::BTreeMap;

use domain::kernel::Span;

use super::TokenItem;
use crate::{AppError, Context, Principal};

/// What shall change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchToken {
    /// The name.
    pub name: Option<String>,
    /// All labels.
    pub labels: Option<BTreeMap<String, String>>,
    /// Id or name of the team; `Some(None)` takes it away.
    pub team: Option<Option<String>>,
    /// All watchers, as `person:ID`, `team:ID`, `address:EMAIL`.
    pub watchers: Option<Vec<String>>,
    /// The first lead time; `Some(None)` returns to the policy's.
    pub lead_time: Option<Option<Span>>,
}

/// Changes a token's name, labels, team, watchers or lead time. Allowed to its owner, a
/// member of its team, or with `credentials:write`. `if_match` is the version the caller
/// has seen.
///
/// # Errors
/// [`AppError::Stale`] when another version stands.
pub async fn patch_token(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: PatchToken,
    if_match: Option<u64>,
) -> Result<TokenItem, AppError> {
    let _ = (ctx, principal, id, patch, if_match);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
