//! The audit log as pages, as a stream, and checked link by link. Needs `audit:read`.

use crate::ports::{AuditRow, Page, PageRequest};
use crate::{AppError, Context, Principal};

/// What checking the chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Rows checked.
    pub rows: u64,
    /// Rows that are not chained yet.
    pub unchained: u64,
    /// The number of the first row whose hash does not fit; `None` means sound.
    pub first_bad: Option<i64>,
}

/// A page of rows, newest first.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_audit(
    ctx: &Context,
    principal: &Principal,
    page: &PageRequest,
) -> Result<Page<AuditRow>, AppError> {
    let _ = (ctx, principal, page);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// Rows after a number, oldest first; an empty answer is the end.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn export_audit(
    ctx: &Context,
    principal: &Principal,
    after: i64,
    limit: u32,
) -> Result<Vec<AuditRow>, AppError> {
    let _ = (ctx, principal, after, limit);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// Walks the whole chain.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn verify_audit(ctx: &Context, principal: &Principal) -> Result<AuditVerdict, AppError> {
    let _ = (ctx, principal);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
