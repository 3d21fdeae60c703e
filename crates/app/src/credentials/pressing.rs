//! What presses somebody: their own and their teams' credentials that end soon, or just
//! did.

use std::collections::BTreeMap;

use domain::expiry::{Acknowledged, Alert, AlertKind, AlertState, Subject};
use domain::inventory::{Credential, State};
use domain::kernel::{CredentialId, Instant, Span};

use crate::ports::{CredentialFilter, CredentialSort, PageRequest};
use crate::sight::narrow;
use crate::{AppError, Context, Principal};

/// What ended longer ago presses no more.
const PAST: Span = Span::days(7);
/// Less than this before the end it presses most.
const LAST: Span = Span::days(1);
/// So many are looked at.
const MOST: u32 = 50;

/// A credential that presses.
#[derive(Clone, Debug)]
pub struct Pressing {
    /// Which.
    pub credential: Credential,
    /// By whom and when it was taken on, where the current step was.
    pub acknowledged: Option<Acknowledged>,
}

/// What presses the caller at this moment, most urgent first: what ends within a day, what
/// has just ended, then what ends inside the window. Only what they own or their teams
/// answer for, whatever else they may see; not what shall lapse, and not what has a
/// successor.
///
/// # Errors
/// The store's.
pub async fn pressing(ctx: &Context, principal: &Principal) -> Result<Vec<Pressing>, AppError> {
    let now = ctx.now();
    let filter = CredentialFilter {
        states: vec![State::Active, State::Expired],
        expires_after: Some(now - PAST),
        // What ends with the window is inside it.
        expires_before: Some(now + ctx.settings.load().window + Span::from_micros(1)),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let filter = narrow(ctx, principal, &[], filter).await?;
    let page = PageRequest {
        limit: MOST,
        after: None,
    };
    let found = ctx.store.list_credentials(&filter, &page).await?;
    let mut pressing: Vec<Credential> = found.items.into_iter().map(|(c, _)| c).collect();
    pressing.retain(|c| c.successor.is_none() && !c.in_overlap);
    let mut alerts = alerts(ctx, &pressing).await?;
    pressing.retain(|c| state(&alerts, c, now) != Some(AlertState::LetLapse));
    pressing.sort_by_key(|c| urgency(c, now));
    let taken = pressing.into_iter().map(|credential| Pressing {
        acknowledged: match state(&alerts, &credential, now) {
            Some(AlertState::Acknowledged) => alerts
                .remove(&credential.id)
                .and_then(|alert| alert.acknowledged),
            _ => None,
        },
        credential,
    });
    Ok(taken.collect())
}

/// The alert about the end of each, where there is one.
async fn alerts(
    ctx: &Context,
    of: &[Credential],
) -> Result<BTreeMap<CredentialId, Alert>, AppError> {
    let subjects = of.iter().map(|c| Subject::Credential(c.id.clone()));
    let subjects: Vec<Subject> = subjects.collect();
    if subjects.is_empty() {
        return Ok(BTreeMap::new());
    }
    let alerts = ctx.store.alerts_of(&subjects).await?.into_iter();
    let of_ends = alerts.filter_map(|alert| match &alert.subject {
        Subject::Credential(id) if alert.kind == AlertKind::Expiry => Some((id.clone(), alert)),
        _ => None,
    });
    Ok(of_ends.collect())
}

fn state(
    alerts: &BTreeMap<CredentialId, Alert>,
    credential: &Credential,
    now: Instant,
) -> Option<AlertState> {
    alerts.get(&credential.id).map(|alert| alert.state(now))
}

/// Rises as less presses: within the last day, over, the rest; each by nearness.
fn urgency(credential: &Credential, now: Instant) -> (u8, i64) {
    let left = credential.remaining(now).unwrap_or(Span::ZERO);
    let rank = match left {
        left if !left.is_positive() => 1,
        left if left <= LAST => 0,
        _ => 2,
    };
    (rank, left.as_micros().abs())
}
