//! Credentials with how they stand: what was said of their end, and what still comes.
//!
//! Whoever may see a credential may see this of it.

use std::net::IpAddr;

use domain::expiry::{Alert, AlertKind, CredentialView, Step, Subject, steps_before_end};
use domain::inventory::Credential;
use domain::kernel::{CredentialId, Instant, Span};
use domain::notice::Notice;
use domain::people::Directory;

use super::note::{Note, note_of};
use super::read::CredentialItem;
use super::{get_credential, list_credentials};
use crate::ports::{CredentialFilter, Page, PageRequest};
use crate::sight::reaches;
use crate::sweep::{Forecast, forecast_one};
use crate::tokens::first_use;
use crate::{AppError, Context, Principal, Settings};

/// A credential with how it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The credential.
    pub item: CredentialItem,
    /// The alert about its end, if there is or was one.
    pub alert: Option<Alert>,
    /// Before its end its policy speaks at these, earliest first.
    pub steps: Vec<Step>,
}

/// The whole life of a credential.
#[derive(Clone, Debug)]
pub struct Life {
    /// As in lists.
    pub standing: Standing,
    /// Alerts about it that are not about its end.
    pub others: Vec<Alert>,
    /// Everything that was said of its end, oldest first.
    pub notices: Vec<Notice>,
    /// What will be said, if nobody acts.
    pub forecast: Forecast,
    /// How often it was used, as far as is counted.
    pub uses: u64,
    /// Where its last use came from, where that is known; only of tokens issued here.
    pub used_from: Option<IpAddr>,
    /// When it was first used; only of tokens issued here.
    pub first_use: Option<Instant>,
    /// What takes its place, if the caller may see it.
    pub successor: Option<Credential>,
    /// When that was first used; only of tokens issued here.
    pub successor_use: Option<Instant>,
    /// The token whose place it takes, if the caller may see it.
    pub replaces: Option<Credential>,
    /// What people want each other to know of it.
    pub note: Option<Note>,
    /// Whether the caller may say who answers for it.
    pub may_change: bool,
    /// Whether the caller may acknowledge, snooze and let lapse.
    pub may_handle: bool,
}

/// A page of credentials with how they stand; otherwise as [`list_credentials`].
///
/// # Errors
/// The store's.
pub async fn list_standings(
    ctx: &Context,
    principal: &Principal,
    filter: CredentialFilter,
    page: &PageRequest,
) -> Result<Page<Standing>, AppError> {
    let found = list_credentials(ctx, principal, filter, page).await?;
    let ids: Vec<CredentialId> = found
        .items
        .iter()
        .map(|i| i.credential.id.clone())
        .collect();
    let mut alerts = alerts_of(ctx, &ids).await?;
    let directory = ctx.store.directory().await?;
    let (settings, now) = (ctx.settings.load(), ctx.now());
    let items = found.items.into_iter().map(|item| {
        let own = alert_about(&mut alerts, &item.credential.id, AlertKind::Expiry);
        let steps = steps(&item.credential, &settings, &directory, now);
        Standing {
            item,
            alert: own,
            steps,
        }
    });
    Ok(Page {
        items: items.collect(),
        next: found.next,
    })
}

/// The whole life of one credential, and what comes next within `span`.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn life(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    span: Span,
) -> Result<Life, AppError> {
    let item = get_credential(ctx, principal, id).await?;
    let mut forecast = forecast_one(ctx, principal, id, span).await?;
    forecast.keep_first_words();
    let own = item.credential.id.clone();
    let mut others = alerts_of(ctx, std::slice::from_ref(&own)).await?;
    let alert = alert_about(&mut others, &own, AlertKind::Expiry);
    let notices = match &alert {
        Some(alert) => ctx.store.notices_of(&alert.id).await?,
        None => Vec::new(),
    };
    let token = item.token.as_ref();
    let next = token.and_then(|t| t.rotated_to.as_ref());
    let successor = next.or(item.credential.successor.as_ref());
    let successor = other(ctx, principal, successor).await;
    let replaces = other(ctx, principal, token.and_then(|t| t.rotated_from.as_ref())).await;
    let first_use = first_use_of(ctx, Some(&item)).await?;
    let successor_use = first_use_of(ctx, successor.as_ref()).await?;
    let note = note_of(ctx, &own).await?;
    let directory = ctx.store.directory().await?;
    let steps = steps(
        &item.credential,
        &ctx.settings.load(),
        &directory,
        ctx.now(),
    );
    let of = &item.credential;
    let may_change = reaches(ctx, principal, &["credentials:write"], of).await?;
    let may_handle = reaches(ctx, principal, &["alerts:write"], of).await?;
    Ok(Life {
        may_change,
        may_handle,
        standing: Standing { item, alert, steps },
        others,
        notices,
        forecast,
        uses: ctx.store.uses(&own).await?,
        used_from: ctx.store.used_from(&own).await?,
        successor: successor.map(|item| item.credential),
        successor_use,
        replaces: replaces.map(|item| item.credential),
        first_use,
        note,
    })
}

/// Another credential, as far as the caller may see it.
async fn other(
    ctx: &Context,
    principal: &Principal,
    id: Option<&CredentialId>,
) -> Option<CredentialItem> {
    get_credential(ctx, principal, id?.as_str()).await.ok()
}

async fn first_use_of(
    ctx: &Context,
    item: Option<&CredentialItem>,
) -> Result<Option<Instant>, AppError> {
    match item.filter(|item| item.token.is_some()) {
        Some(item) => first_use(ctx, &item.credential).await,
        None => Ok(None),
    }
}

async fn alerts_of(ctx: &Context, ids: &[CredentialId]) -> Result<Vec<Alert>, AppError> {
    let subjects = ids.iter().map(|id| Subject::Credential(id.clone()));
    let subjects: Vec<Subject> = subjects.collect();
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    Ok(ctx.store.alerts_of(&subjects).await?)
}

/// Takes one alert out.
fn alert_about(alerts: &mut Vec<Alert>, id: &CredentialId, kind: AlertKind) -> Option<Alert> {
    let wanted = Alert::id_of(&Subject::Credential(id.clone()), kind);
    let at = alerts.iter().position(|alert| alert.id == wanted)?;
    Some(alerts.swap_remove(at))
}

fn steps(
    credential: &Credential,
    settings: &Settings,
    directory: &Directory,
    now: Instant,
) -> Vec<Step> {
    let policy = settings.policies.for_credential(credential, directory, now);
    steps_before_end(&CredentialView::alone(credential, directory), policy)
}
