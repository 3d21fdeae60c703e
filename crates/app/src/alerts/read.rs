//! Alerts as lists and one by one.

use domain::expiry::{Alert, Subject};
use domain::inventory::{Credential, Monitor};
use domain::kernel::{AlertId, CredentialId, MonitorId, TeamId};
use domain::notice::Notice;

use crate::ports::{AlertFilter, AlertsSeen, Page, PageRequest};
use crate::sight::Sight;
use crate::{AppError, Context, Principal};

/// An alert as it is listed.
#[derive(Clone, Debug)]
pub struct AlertItem {
    /// The alert.
    pub alert: Alert,
    /// The credential it is about, if it is about one.
    pub credential: Option<Credential>,
    /// The monitor it is about, if it is about one.
    pub monitor: Option<Monitor>,
}

/// An alert with everything that was said.
#[derive(Clone, Debug)]
pub struct AlertDetail {
    /// The alert.
    pub alert: Alert,
    /// The credential it is about, if it is about one.
    pub credential: Option<Credential>,
    /// The monitor it is about, if it is about one.
    pub monitor: Option<Monitor>,
    /// Oldest first.
    pub notices: Vec<Notice>,
}

/// A page of alerts. Without `alerts:read` those about one's own and one's teams'
/// credentials and monitors, and about the reviews of one's teams.
///
/// # Errors
/// The store's.
pub async fn list_alerts(
    ctx: &Context,
    principal: &Principal,
    filter: AlertFilter,
    page: &PageRequest,
) -> Result<Page<AlertItem>, AppError> {
    let filter = narrowed(ctx, principal, filter).await?;
    let found = ctx.store.list_alerts(&filter, page).await?;
    let ids: Vec<CredentialId> = found.items.iter().filter_map(credential_id).collect();
    let credentials = ctx.store.credentials_of(&ids).await?;
    let ids: Vec<MonitorId> = found.items.iter().filter_map(monitor_id).collect();
    let monitors = ctx.store.monitors_of(&ids).await?;
    let items = found.items.into_iter().map(|alert| AlertItem {
        credential: credential_id(&alert)
            .and_then(|id| credentials.iter().find(|c| c.id == id).cloned()),
        monitor: monitor_id(&alert).and_then(|id| monitors.iter().find(|m| m.id == id).cloned()),
        alert,
    });
    Ok(Page {
        items: items.collect(),
        next: found.next,
    })
}

/// How many alerts [`list_alerts`] would list, page after page.
///
/// # Errors
/// The store's.
pub async fn count_alerts(
    ctx: &Context,
    principal: &Principal,
    filter: AlertFilter,
) -> Result<u64, AppError> {
    let filter = narrowed(ctx, principal, filter).await?;
    Ok(ctx.store.count_alerts(&filter).await?)
}

/// As the caller may see it, now.
async fn narrowed(
    ctx: &Context,
    principal: &Principal,
    filter: AlertFilter,
) -> Result<AlertFilter, AppError> {
    Ok(AlertFilter {
        now: ctx.now(),
        visible_to: seen_by(ctx, principal).await?,
        ..filter
    })
}

/// What the caller sees; `None` means everything. The store narrows, so that a page is
/// full whoever asks.
async fn seen_by(ctx: &Context, principal: &Principal) -> Result<Option<AlertsSeen>, AppError> {
    if principal.holds("alerts:read") {
        return Ok(None);
    }
    let directory = ctx.store.directory().await?;
    let sight = Sight::of(principal, &directory);
    let own = |m: &Monitor| sight.covers_of(m.owner.as_ref(), m.team.as_ref());
    let monitors = ctx.store.monitors().await?.into_iter().filter(own);
    let mut subjects: Vec<Subject> = monitors.map(|m| Subject::Monitor(m.id)).collect();
    let reviews = crate::reviews::of_teams(ctx, &directory, |team| sight.belongs_to(team));
    subjects.extend(reviews.into_iter().map(Subject::Review));
    let (owner, teams) = sight.filter();
    Ok(Some(AlertsSeen {
        owner,
        teams,
        subjects,
    }))
}

/// One alert with its notices.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn get_alert(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<AlertDetail, AppError> {
    let item = visible(ctx, principal, id, &["alerts:read"]).await?;
    let notices = ctx.store.notices_of(&item.alert.id).await?;
    Ok(AlertDetail {
        alert: item.alert,
        credential: item.credential,
        monitor: item.monitor,
        notices,
    })
}

impl AlertItem {
    pub(super) fn is_seen(&self, sight: &Sight) -> bool {
        let credential = self.credential.as_ref();
        let monitor = self.monitor.as_ref();
        credential.is_some_and(|c| sight.covers(c))
            || monitor.is_some_and(|m| sight.covers_of(m.owner.as_ref(), m.team.as_ref()))
            || review_team(&self.alert).is_some_and(|team| sight.belongs_to(&team))
    }
}

/// Whose review it is about.
pub(super) fn review_team(alert: &Alert) -> Option<TeamId> {
    match &alert.subject {
        Subject::Review(id) => crate::reviews::team_of(id),
        _ => None,
    }
}

fn monitor_id(alert: &Alert) -> Option<MonitorId> {
    match &alert.subject {
        Subject::Monitor(id) => Some(id.clone()),
        _ => None,
    }
}

fn credential_id(alert: &Alert) -> Option<CredentialId> {
    match &alert.subject {
        Subject::Credential(id) => Some(id.clone()),
        _ => None,
    }
}

/// The alert with what it is about, whoever asks; `None` when there is none.
pub(super) async fn whole(ctx: &Context, id: &AlertId) -> Result<Option<AlertItem>, AppError> {
    let Some(alert) = ctx.store.alert(id).await? else {
        return Ok(None);
    };
    let credential = match credential_id(&alert) {
        Some(id) => ctx.store.credential(&id).await?,
        None => None,
    };
    let monitor = match monitor_id(&alert) {
        Some(id) => ctx.store.monitor(&id).await?,
        None => None,
    };
    Ok(Some(AlertItem {
        alert,
        credential,
        monitor,
    }))
}

/// The alert, if the caller may see it: by owner or team of what it is about, or with one
/// of the scopes.
pub(super) async fn visible(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    scopes: &[&str],
) -> Result<AlertItem, AppError> {
    let shown = crate::error::shown(id);
    let unknown = || AppError::not_found(format!("alert {shown}"));
    let id = AlertId::parse(id).map_err(|_| unknown())?;
    let item = whole(ctx, &id).await?.ok_or_else(unknown)?;
    if handles(ctx, principal, scopes, &item).await? {
        Ok(item)
    } else {
        Err(unknown())
    }
}

/// Whether the caller owns what it is about, belongs to its team, or holds a scope.
pub(super) async fn handles(
    ctx: &Context,
    principal: &Principal,
    scopes: &[&str],
    item: &AlertItem,
) -> Result<bool, AppError> {
    match &item.credential {
        Some(credential) => crate::sight::reaches(ctx, principal, scopes, credential).await,
        None if scopes.iter().any(|scope| principal.holds(scope)) => Ok(true),
        None if item.monitor.is_none() && review_team(&item.alert).is_none() => Ok(false),
        None => {
            let directory = ctx.store.directory().await?;
            Ok(item.is_seen(&Sight::of(principal, &directory)))
        }
    }
}
