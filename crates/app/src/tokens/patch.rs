//! Changing what does not make a token another one: name, labels, who hears.

use std::collections::BTreeMap;

use domain::kernel::Span;

use serde_json::json;

use super::load::freshen;
use super::read::visible;
use super::{TokenItem, Which};
use crate::unit::{Unit, expect_version, until_settled};
use crate::{AppError, Context, Principal, labels, whois};

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
    until_settled!(attempt(ctx, principal, id, &patch, if_match))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: &PatchToken,
    if_match: Option<u64>,
) -> Result<TokenItem, AppError> {
    let scopes = ["tokens:read", "credentials:write"];
    let which = Which::Id(id.to_owned());
    let mut item = visible(ctx, principal, &which, &scopes).await?;
    if !crate::sight::reaches(ctx, principal, &["credentials:write"], &item.credential).await? {
        return Err(AppError::lacks(
            "credentials:write",
            "to change tokens of others",
        ));
    }
    expect_version(|| format!("token {id}"), item.credential.version, if_match)?;
    apply(ctx, &mut item, patch).await?;
    let mut unit = Unit::of(principal, ctx.now());
    item.save(&mut unit);
    let told = json!({ "name": item.credential.name, "team": item.credential.team });
    unit.audit("token.change", format!("token:{}", item.token.id), told);
    unit.commit(ctx).await?;
    Ok(freshen(ctx, item.saved(ctx)))
}

async fn apply(ctx: &Context, item: &mut TokenItem, patch: &PatchToken) -> Result<(), AppError> {
    let credential = &mut item.credential;
    if let Some(name) = &patch.name {
        credential.name = whois::name(name)?;
    }
    if let Some(all) = &patch.labels {
        labels::check(all)?;
        credential.labels.clone_from(all);
    }
    let audience = crate::credentials::AudiencePatch {
        team: patch.team.as_ref(),
        watchers: patch.watchers.as_deref(),
        lead_time: patch.lead_time,
    };
    audience.apply(ctx, credential).await
}
