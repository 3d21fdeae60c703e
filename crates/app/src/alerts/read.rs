//! Alerts as lists and one by one.

use domain::expiry::Alert;
use domain::inventory::Credential;
use domain::notice::Notice;

use crate::ports::{AlertFilter, Page, PageRequest};
use crate::{AppError, Context, Principal};

/// An alert as it is listed.
#[derive(Clone, Debug)]
pub struct AlertItem {
    /// The alert.
    pub alert: Alert,
    /// The credential it is about, if it is about one.
    pub credential: Option<Credential>,
}

/// An alert with everything that was said.
#[derive(Clone, Debug)]
pub struct AlertDetail {
    /// The alert.
    pub alert: Alert,
    /// The credential it is about, if it is about one.
    pub credential: Option<Credential>,
    /// Oldest first.
    pub notices: Vec<Notice>,
}

/// A page of alerts. Without `alerts:read` only those about one's own and one's teams'
/// credentials.
///
/// # Errors
/// The store's.
pub async fn list_alerts(
    ctx: &Context,
    principal: &Principal,
    filter: AlertFilter,
    page: &PageRequest,
) -> Result<Page<AlertItem>, AppError> {
    let _ = (ctx, principal, filter, page);
    Err(AppError::Unavailable("not built yet".to_owned()))
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
    let _ = (ctx, principal, id);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
