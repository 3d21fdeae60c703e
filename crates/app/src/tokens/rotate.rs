//! A new value for a token, while the old one goes on for a while.

use domain::access::{Roles, Whose, check_grant, grant_of, owner_grant};
use domain::inventory::{Credential, Cut, End};
use domain::kernel::{Instant, RoleName, Span};
use domain::token::{OldToken, RotateError, RotateRequest, Rotation, TokenValue, rotate};

use super::draft::{Draft, make};
use super::issue::told;
use super::load::{freshen, load};
use super::read::visible;
use super::{Issued, TokenItem, Which};
use crate::idempotency::{made_before, remember, twin};
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal};

/// When the old value stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum EndOld {
    /// When the overlap ends.
    #[default]
    Overlap,
    /// At the first use of the new value, at the latest when the overlap ends.
    FirstUse,
}

/// How to rotate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RotateToken {
    /// How long both values work; `None` means 24 h, clamped to the old end; 0 is
    /// allowed.
    pub overlap: Option<Span>,
    /// How long the new one lives; `None` means as long as the old one did, which is
    /// also the most.
    pub lifetime: Option<Span>,
    /// When the old value stops.
    pub end_old: EndOld,
    /// So that a repeat rotates only once.
    pub idempotency: Option<IdempotencyKey>,
}

/// Makes the successor of a token: same name, owner, team, roles, scopes, labels. Any
/// valid token may rotate itself unless a role forbids it; others' need `tokens:issue`
/// (and `tokens:issue-for-others`).
///
/// # Errors
/// [`AppError::Conflict`] when revoked, expired or rotated already.
pub async fn rotate_token(
    ctx: &Context,
    principal: &Principal,
    which: &Which,
    request: RotateToken,
) -> Result<Issued, AppError> {
    until_settled!(attempt(ctx, principal, which, &request))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    which: &Which,
    request: &RotateToken,
) -> Result<Issued, AppError> {
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        let item = freshen(ctx, load(ctx, &made).await?);
        return Ok(Issued { item, value: None });
    }
    let old = visible(
        ctx,
        principal,
        which,
        &["tokens:read", "tokens:issue-for-others"],
    )
    .await?;
    let roles = ctx.store.roles().await?;
    let by_itself = is_itself(ctx, principal, &old);
    let now = ctx.now();
    let rotation = (now, decide(&old, by_itself, request, &roles, now)?);
    let (old, new, value) = succeed(ctx, principal, old, by_itself, rotation, &roles).await?;
    let mut unit = Unit::of(principal, ctx.now());
    // The old one first: of two rotations at once the second fails on its version.
    old.save(&mut unit);
    new.save(&mut unit);
    unit.audit(
        "token.rotate",
        format!("token:{}", new.token.id),
        told(&new),
    );
    remember(&mut unit, ctx, principal, key, new.token.id.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    let item = new.saved(ctx);
    drop(old.saved(ctx));
    Ok(Issued {
        item,
        value: Some(value),
    })
}

/// Whether a token rotates itself: by its own value, or by the value it replaced, whose
/// holder lost the answer of the rotation. Once the new value was used it was not lost:
/// an old one that leaked must not take over during the overlap.
fn is_itself(ctx: &Context, principal: &Principal, old: &TokenItem) -> bool {
    let Some(token) = &principal.token else {
        return false;
    };
    let used = || {
        let known = old.credential.last_used_at;
        known.max(ctx.verifier.last_use(&old.token.id)).is_some()
    };
    *token == old.token.id || (Some(token) == old.token.rotated_from.as_ref() && !used())
}

fn decide(
    item: &TokenItem,
    by_itself: bool,
    request: &RotateToken,
    roles: &Roles,
    now: Instant,
) -> Result<Rotation, AppError> {
    let TokenItem { credential, token } = item;
    let old = OldToken {
        issued_at: credential.created_at.unwrap_or(credential.first_seen_at),
        ends_at: credential.expires_at(),
        meant_to_end_at: match credential.meant_end() {
            End::Known(at) => Some(at),
            End::Never | End::Unknown => None,
        },
        revoked: credential.revoked_at.is_some() || credential.gone_at.is_some(),
        suspended: credential.suspended,
        rotated_to: token.rotated_to.clone(),
    };
    let forbids = |name: &&RoleName| roles.get(*name).is_some_and(|r| !r.may_rotate_itself);
    let request = RotateRequest {
        overlap: request.overlap,
        lifetime: request.lifetime,
        first_use: request.end_old == EndOld::FirstUse,
        forbidden_by: token
            .roles
            .iter()
            .find(forbids)
            .filter(|_| by_itself)
            .cloned(),
    };
    rotate(&old, &request, now).map_err(refused)
}

fn refused(error: RotateError) -> AppError {
    match error {
        RotateError::Revoked
        | RotateError::Expired
        | RotateError::Suspended
        | RotateError::AlreadyRotated(_) => AppError::conflict(error),
        RotateError::RoleForbids(_) => AppError::Forbidden {
            missing: vec!["tokens:issue".to_owned()],
            sentence: error.to_string(),
        },
        RotateError::NegativeOverlap => AppError::invalid("overlap", error),
        RotateError::LifetimeTooLong(_)
        | RotateError::LifetimeTooShort
        | RotateError::NewEndsFirst { .. }
        | RotateError::TooFar => AppError::invalid("lifetime", error),
    }
}

/// Ends a life before the end it was meant to have, and remembers that one.
fn cut(credential: &mut Credential, ends_at: Instant, now: Instant) {
    let end = End::Known(ends_at);
    if credential.end != end {
        let meant = credential.end;
        credential.cut.get_or_insert(Cut { at: now, meant });
        credential.end = end;
    }
}

/// The old token as it goes on for a while, and the new one beside it.
async fn succeed(
    ctx: &Context,
    principal: &Principal,
    mut old: TokenItem,
    by_itself: bool,
    (now, rotation): (Instant, Rotation),
    roles: &Roles,
) -> Result<(TokenItem, TokenItem, TokenValue), AppError> {
    let owner = old.credential.owner.clone();
    let owner = owner.ok_or_else(|| AppError::conflict("this token has no owner any more"))?;
    let directory = ctx.store.directory().await?;
    let held = owner_grant(&owner, &directory, roles, ctx.now());
    let asked = grant_of(&old.token.roles, roles).union(&old.token.scopes);
    if !by_itself {
        principal.need("tokens:issue", "to rotate tokens of others")?;
        if owner != principal.owner {
            principal.need(
                "tokens:issue-for-others",
                "to rotate tokens of other owners",
            )?;
        }
        check_grant(&asked, &principal.grant).map_err(|e| AppError::exceeds(e, Whose::Caller))?;
    }
    check_grant(&asked, &held).map_err(|e| AppError::exceeds(e, Whose::Owner))?;
    let draft = Draft {
        kind: old.token.kind,
        name: old.credential.name.clone(),
        owner,
        team: old.credential.team.clone(),
        roles: old.token.roles.clone(),
        scopes: old.token.scopes.clone(),
        effective: asked.intersection(&held),
        issued_at: now,
        ends_at: rotation.new_ends_at,
        labels: old.credential.labels.clone(),
        watchers: old.credential.watchers.clone(),
        used_by: old.credential.used_by.clone(),
        lead_time: old.credential.lead_time,
        ingest_source: old.token.ingest_source.clone(),
        rotated_from: Some(old.token.id.clone()),
        ends_on_first_use: rotation.first_use.then(|| old.token.id.clone()),
        created_by: principal.actor(),
    };
    let (new, value) = make(ctx, draft)?;
    old.token.rotated_to = Some(new.token.id.clone());
    old.token.overlap_ends_at = Some(rotation.old_ends_at);
    cut(&mut old.credential, rotation.old_ends_at, now);
    old.credential.in_overlap = true;
    old.credential.successor = Some(new.token.id.clone());
    Ok((old, new, value))
}
