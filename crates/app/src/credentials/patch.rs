//! Saying who answers for a credential, who hears of it, and what breaks without it.

use std::collections::BTreeMap;

use domain::inventory::{Credential, PlaceOfUse};
use domain::kernel::Span;
use serde_json::json;

use super::read::visible;
use super::{AudiencePatch, CredentialItem};
use crate::ports::Write;
use crate::sight::reaches;
use crate::unit::{Unit, expect_version, until_settled};
use crate::{AppError, Context, Principal, labels, whois};

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
    until_settled!(attempt(ctx, principal, id, &patch, if_match))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: &PatchCredential,
    if_match: Option<u64>,
) -> Result<CredentialItem, AppError> {
    let scopes = ["credentials:read", "credentials:write"];
    let mut item = visible(ctx, principal, id, &scopes).await?;
    if !reaches(ctx, principal, &["credentials:write"], &item.credential).await? {
        let to_do = "to change credentials of others";
        return Err(AppError::lacks("credentials:write", to_do));
    }
    expect_version(
        || format!("credential {id}"),
        item.credential.version,
        if_match,
    )?;
    apply(ctx, &mut item, patch).await?;
    let mut unit = Unit::of(principal, ctx.now());
    let credential = &item.credential;
    unit.write(Write::PutCredential(Box::new(credential.clone())))
        .look_at(&credential.id)
        .audit(
            "credential.change",
            format!("credential:{}", credential.id),
            told(credential),
        );
    unit.commit(ctx).await?;
    item.credential.version += 1;
    if let Some(token) = &item.token {
        ctx.verifier.put(&item.credential, token);
    }
    Ok(item.fresh(ctx))
}

fn told(credential: &Credential) -> serde_json::Value {
    json!({
        "owner": credential.owner,
        "team": credential.team,
        "watchers": credential.watchers,
        "lead_time": credential.lead_time,
    })
}

async fn apply(
    ctx: &Context,
    item: &mut CredentialItem,
    patch: &PatchCredential,
) -> Result<(), AppError> {
    let credential = &mut item.credential;
    if let Some(owner) = &patch.owner {
        if item.token.is_some() {
            let problem =
                "the owner of a token cannot change, for its rights hang on it; issue a new one";
            return Err(AppError::invalid("owner", problem));
        }
        let directory = ctx.store.directory().await?;
        let named = owner.as_ref().map(|o| whois::owner(&directory, o, "owner"));
        credential.owner = named.transpose()?;
        let acts = |owner| directory.owner_is_active(owner, ctx.now());
        credential.orphaned = !credential.owner.as_ref().is_some_and(acts);
    }
    if let Some(all) = &patch.labels {
        labels::check(all)?;
        credential.labels.clone_from(all);
    }
    if let Some(places) = &patch.used_by {
        check_places(places)?;
        credential.used_by.clone_from(places);
    }
    let audience = AudiencePatch {
        team: patch.team.as_ref(),
        watchers: patch.watchers.as_deref(),
        lead_time: patch.lead_time,
    };
    audience.apply(ctx, credential).await
}

/// The most places of use, and the most bytes of each text in them.
const PLACES_MAX: usize = 100;
const PLACE_BYTES_MAX: usize = 500;

fn check_places(places: &[PlaceOfUse]) -> Result<(), AppError> {
    let fits = |text: &str| text.len() <= PLACE_BYTES_MAX && !text.chars().any(char::is_control);
    let fine = |place: &PlaceOfUse| {
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        !place.what.trim().is_empty()
            && fits(&place.what)
            && place.url.as_ref().is_none_or(|url| fits(url) && web(url))
            && place.team.as_ref().is_none_or(|team| fits(team))
    };
    if places.len() <= PLACES_MAX && places.iter().all(fine) {
        return Ok(());
    }
    let problem = format!(
        "at most {PLACES_MAX} places, each with `what`, an http(s) `url` or none, and texts of at most {PLACE_BYTES_MAX} bytes on one line"
    );
    Err(AppError::invalid("used_by", problem))
}
