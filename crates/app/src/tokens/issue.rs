//! A new token.

use std::collections::BTreeMap;

use domain::access::{Grant, Roles, Whose, check_grant, grant_of, owner_grant};
use domain::kernel::{Instant, Span};
use domain::people::{Directory, Owner};
use domain::token::TokenKind;
use serde_json::json;

use super::draft::{Draft, make};
use super::load::{freshen, load};
use super::wish::{end_of, wanted};
use super::{Issued, TokenItem};
use crate::credentials::checked_lead_time;
use crate::idempotency::{made_before, remember, twin};
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal, labels, whois};

/// What a new token shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueToken {
    /// 1 to 255 bytes; need not be unique.
    pub name: String,
    /// Role names. Neither roles nor scopes given means the role `None`.
    pub roles: Vec<String>,
    /// Scopes beside the roles; `*` is every scope.
    pub scopes: Vec<String>,
    /// When it ends; not together with `lifetime`.
    pub expires_at: Option<Instant>,
    /// How long it lives; neither given means 8760 h.
    pub lifetime: Option<Span>,
    /// Id of a person or service account, name of a service account, or a person's
    /// address; `None` means the caller's owner.
    pub owner: Option<String>,
    /// Id or name of the answering team; `None` means the service account's team.
    pub team: Option<String>,
    /// Who else hears, as `person:ID`, `team:ID`, `address:EMAIL`.
    pub watchers: Vec<String>,
    /// The first lead time; `None` leaves it to the policy.
    pub lead_time: Option<Span>,
    /// Makes a connector token that can only push observations of this source.
    pub ingest_source: Option<String>,
    /// At most 64, keys of 1 to 63 and values of up to 255 bytes.
    pub labels: BTreeMap<String, String>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// Issues a token. Needs `tokens:issue`, for another owner `tokens:issue-for-others`
/// too; grants nothing that the caller or the owner does not hold.
///
/// # Errors
/// [`AppError::Forbidden`] names the missing scopes, [`AppError::Invalid`] the field,
/// [`AppError::Conflict`] a key used for another request.
pub async fn issue_token(
    ctx: &Context,
    principal: &Principal,
    request: IssueToken,
) -> Result<Issued, AppError> {
    until_settled!(attempt(ctx, principal, &request))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    request: &IssueToken,
) -> Result<Issued, AppError> {
    principal.need("tokens:issue", "to issue tokens")?;
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        let item = freshen(ctx, load(ctx, &made).await?);
        return Ok(Issued { item, value: None });
    }
    let directory = ctx.store.directory().await?;
    let roles = ctx.store.roles().await?;
    let draft = decide(ctx, principal, request, &directory, &roles)?;
    let (item, value) = make(ctx, draft)?;
    let mut unit = Unit::of(principal, ctx.now());
    item.save_new(&mut unit, ctx, &directory);
    unit.audit(
        "token.issue",
        format!("token:{}", item.token.id),
        told(&item),
    );
    remember(&mut unit, ctx, principal, key, item.token.id.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    Ok(Issued {
        item: item.saved(ctx),
        value: Some(value),
    })
}

/// What the audit log keeps of a new token.
pub(crate) fn told(item: &TokenItem) -> serde_json::Value {
    let TokenItem { credential, token } = item;
    json!({
        "name": credential.name,
        "kind": token.kind,
        "owner": credential.owner,
        "roles": token.roles,
        "scopes": token.scopes.words(),
        "expires_at": credential.expires_at(),
        "rotated_from": token.rotated_from,
    })
}

/// What a new token will be, within what the caller may grant.
pub(super) fn decide(
    ctx: &Context,
    principal: &Principal,
    request: &IssueToken,
    directory: &Directory,
    roles: &Roles,
) -> Result<Draft, AppError> {
    let owner = owner_of(ctx, principal, request, directory)?;
    labels::check(&request.labels)?;
    let wanted = wanted(request, roles)?;
    let asked = grant_of(&wanted.roles, roles).union(&wanted.scopes);
    let held = owner_grant(&owner, directory, roles, ctx.now());
    check_ceilings(&asked, principal, &held)?;
    let kind = match (&wanted.ingest_source, &owner) {
        (Some(_), _) => TokenKind::Connector,
        (None, Owner::Person(_)) => TokenKind::Personal,
        (None, Owner::ServiceAccount(_)) => TokenKind::ServiceAccount,
    };
    let team = match &request.team {
        Some(text) => Some(whois::team(directory, text, "team")?),
        None => team_of(directory, &owner),
    };
    let now = ctx.now();
    Ok(Draft {
        kind,
        name: whois::name(&request.name)?,
        owner,
        team,
        roles: wanted.roles,
        scopes: wanted.scopes,
        effective: asked.intersection(&held),
        issued_at: now,
        ends_at: end_of(request, now)?,
        labels: request.labels.clone(),
        watchers: whois::watchers(directory, &request.watchers)?,
        used_by: Vec::new(),
        lead_time: checked_lead_time(request.lead_time)?,
        ingest_source: wanted.ingest_source,
        rotated_from: None,
        ends_on_first_use: None,
        created_by: principal.actor(),
    })
}

fn team_of(directory: &Directory, owner: &Owner) -> Option<domain::kernel::TeamId> {
    match owner {
        Owner::Person(_) => None,
        Owner::ServiceAccount(id) => directory.service_accounts.get(id)?.team.clone(),
    }
}

fn owner_of(
    ctx: &Context,
    principal: &Principal,
    request: &IssueToken,
    directory: &Directory,
) -> Result<Owner, AppError> {
    let owner = match &request.owner {
        Some(text) => whois::owner(directory, text, "owner")?,
        None => principal.owner.clone(),
    };
    if owner != principal.owner {
        principal.need(
            "tokens:issue-for-others",
            "to issue tokens for other owners",
        )?;
    }
    if directory.owner_is_active(&owner, ctx.now()) {
        Ok(owner)
    } else {
        let problem = format!("{owner} is disabled or has left; enable it first");
        Err(AppError::invalid("owner", problem))
    }
}

/// P6: what is asked for stays within what the caller holds and within what the owner
/// holds.
pub(crate) fn check_ceilings(
    asked: &Grant,
    principal: &Principal,
    owner_holds: &Grant,
) -> Result<(), AppError> {
    for (ceiling, whose) in [
        (principal.grant.as_ref(), Whose::Caller),
        (owner_holds, Whose::Owner),
    ] {
        check_grant(asked, ceiling).map_err(|e| AppError::exceeds(e, whose))?;
    }
    Ok(())
}
