//! Deciding about credentials in a review.

use std::collections::BTreeSet;

use domain::expiry::{Alert, AlertKind, Decided, Decision, Round, Subject};
use domain::inventory::Credential;
use domain::kernel::CredentialId;
use serde_json::json;

use super::read::{ReviewDetail, get_review};
use super::rounds::{key, stored, written};
use crate::alerts::let_lapse_reviewed;
use crate::credentials::{PatchCredential, patch_credential};
use crate::ports::Write;
use crate::sight::reaches;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal};

/// Decisions that are taken at once.
const AT_ONCE_MAX: usize = 200;
const NOTE_MAX: usize = 1_000;

/// What somebody decides about one credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The credential's id.
    pub credential: String,
    /// What is decided.
    pub decision: Decision,
    /// Why.
    pub note: Option<String>,
}

/// Decides about credentials of a review; a later decision replaces an earlier one.
/// "Let lapse" is said of the alert too, where one stands, without further rights; "not ours" takes the team away
/// from the credential. Allowed to members of the team, or with `credentials:write`.
///
/// # Errors
/// [`AppError::Invalid`] for a credential that the round is not about, or that is named
/// twice; [`AppError::Forbidden`] without the right to one of the decisions. Then nothing
/// of it is decided.
pub async fn decide(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    wishes: &[Wish],
) -> Result<ReviewDetail, AppError> {
    let review = get_review(ctx, principal, id).await?;
    if !review.may_decide {
        let to_do = "to decide in reviews of other teams";
        return Err(AppError::lacks("credentials:write", to_do));
    }
    let ids = checked(&review, wishes)?;
    may_all(ctx, principal, &review, wishes).await?;
    for (wish, id) in wishes.iter().zip(&ids) {
        take_effect(ctx, principal, wish, id).await?;
    }
    until_settled!(attempt(ctx, principal, id, wishes, &ids))?;
    ctx.sweep_wanted.notify_one();
    get_review(ctx, principal, id).await
}

/// Before the first effect: no part of a request is done when another is forbidden.
async fn may_all(
    ctx: &Context,
    principal: &Principal,
    review: &ReviewDetail,
    wishes: &[Wish],
) -> Result<(), AppError> {
    let given_away = |c: &Credential| {
        let mut wishes = wishes.iter();
        wishes.any(|w| w.decision == Decision::NotOurs && w.credential == c.id.as_str())
    };
    for (credential, _) in review.credentials.iter().filter(|(c, _)| given_away(c)) {
        if !reaches(ctx, principal, &["credentials:write"], credential).await? {
            let to_do = "to change credentials of others";
            return Err(AppError::lacks("credentials:write", to_do));
        }
    }
    Ok(())
}

/// The credentials that are meant, all of them within the round and each once.
fn checked(review: &ReviewDetail, wishes: &[Wish]) -> Result<Vec<CredentialId>, AppError> {
    if wishes.is_empty() || wishes.len() > AT_ONCE_MAX {
        let problem = format!("give 1 to {AT_ONCE_MAX} decisions");
        return Err(AppError::invalid("decisions", problem));
    }
    let one = |wish: &Wish| {
        let odd = |c: char| c.is_control() && c != '\n';
        let note = wish.note.as_deref().unwrap_or_default();
        if note.len() > NOTE_MAX || note.chars().any(odd) {
            let problem = format!("a note may have {NOTE_MAX} bytes without control characters");
            return Err(AppError::invalid("decisions", problem));
        }
        let mut about = review.credentials.iter().map(|(c, _)| &c.id);
        let found = about.find(|id| id.as_str() == wish.credential);
        let shown: String = wish
            .credential
            .chars()
            .filter(|c| !c.is_control())
            .take(64)
            .collect();
        let problem =
            || AppError::invalid("decisions", format!("this round is not about `{shown}`"));
        found.cloned().ok_or_else(problem)
    };
    let ids: Vec<CredentialId> = wishes.iter().map(one).collect::<Result<_, _>>()?;
    let once: BTreeSet<&CredentialId> = ids.iter().collect();
    if once.len() < ids.len() {
        let problem = "each credential may be decided about once";
        return Err(AppError::invalid("decisions", problem));
    }
    Ok(ids)
}

/// What follows at once from a decision.
async fn take_effect(
    ctx: &Context,
    principal: &Principal,
    wish: &Wish,
    id: &CredentialId,
) -> Result<(), AppError> {
    match wish.decision {
        Decision::Keep | Decision::Rotate => Ok(()),
        Decision::LetLapse => {
            let subject = Subject::Credential(id.clone());
            let alert = Alert::id_of(&subject, AlertKind::Expiry);
            let reason = wish.note.clone();
            // Where nothing stands about its end yet, the decision stands alone.
            let told = let_lapse_reviewed(ctx, principal, &alert, reason).await;
            told.map(drop)
        }
        Decision::NotOurs => {
            let patch = PatchCredential {
                team: Some(None),
                ..PatchCredential::default()
            };
            let changed = patch_credential(ctx, principal, id.as_str(), patch, None).await;
            changed.map(drop)
        }
    }
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    wishes: &[Wish],
    ids: &[CredentialId],
) -> Result<(), AppError> {
    let now = ctx.now();
    let (round, from) = stored(ctx, id).await?;
    let mut round = round.unwrap_or_else(|| Round::known(now));
    for (wish, credential) in wishes.iter().zip(ids) {
        let decided = Decided {
            decision: wish.decision,
            by: principal.actor(),
            at: now,
            note: wish.note.clone().filter(|note| !note.trim().is_empty()),
        };
        round.decided.insert(credential.clone(), decided);
    }
    let told = wishes
        .iter()
        .map(|w| json!({"credential": w.credential, "decision": w.decision}));
    let mut unit = Unit::of(principal, now);
    unit.write(Write::SwapMeta {
        name: key(id),
        from,
        to: Some(written(&round)),
    })
    .audit("review.decide", format!("review:{id}"), told.collect());
    unit.commit(ctx).await
}
