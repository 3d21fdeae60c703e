//! What presses somebody: their own and their teams' credentials that end soon, or just
//! did.

use domain::expiry::{AlertState, Subject};
use domain::inventory::{Credential, State};
use domain::kernel::{Instant, Span};

use crate::ports::{CredentialFilter, CredentialSort, PageRequest};
use crate::sight::narrow;
use crate::{AppError, Context, Principal};

/// What ended longer ago presses no more.
const PAST: Span = Span::days(7);
/// Less than this before the end it presses most.
const LAST: Span = Span::days(1);
/// So many are looked at.
const MOST: u32 = 50;

/// What presses the caller at this moment, most urgent first: what ends within a day, what
/// has just ended, then what ends inside the window. Only what they own or their teams
/// answer for, whatever else they may see; not what shall lapse, and not what has a
/// successor.
///
/// # Errors
/// The store's.
pub async fn pressing(ctx: &Context, principal: &Principal) -> Result<Vec<Credential>, AppError> {
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
    let lapsing = lapsing(ctx, &pressing).await?;
    pressing.retain(|c| !lapsing.contains(&Subject::Credential(c.id.clone())));
    pressing.sort_by_key(|c| urgency(c, now));
    Ok(pressing)
}

/// The subjects that shall lapse.
async fn lapsing(ctx: &Context, of: &[Credential]) -> Result<Vec<Subject>, AppError> {
    let subjects = of.iter().map(|c| Subject::Credential(c.id.clone()));
    let subjects: Vec<Subject> = subjects.collect();
    if subjects.is_empty() {
        return Ok(subjects);
    }
    let alerts = ctx.store.alerts_of(&subjects).await?;
    let lapse = alerts
        .into_iter()
        .filter(|alert| alert.state(ctx.now()) == AlertState::LetLapse);
    Ok(lapse.map(|alert| alert.subject).collect())
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
