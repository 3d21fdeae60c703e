//! The audit log as pages, as a stream, and checked link by link. Needs `audit:read`.

use super::AuditChain;
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
    /// The hash of the last linked row; kept elsewhere it shows a cut-off end.
    pub tip: String,
}

/// Rows read at once.
const ROWS_MAX: u32 = 1000;

/// A page of rows, newest first.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_audit(
    ctx: &Context,
    principal: &Principal,
    page: &PageRequest,
) -> Result<Page<AuditRow>, AppError> {
    principal.need("audit:read", "to read the audit log")?;
    Ok(ctx.store.audit(page).await?)
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
    principal.need("audit:read", "to export the audit log")?;
    Ok(ctx.store.audit_after(after, limit.min(ROWS_MAX)).await?)
}

/// Walks the whole chain.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn verify_audit(ctx: &Context, principal: &Principal) -> Result<AuditVerdict, AppError> {
    principal.need("audit:read", "to verify the audit log")?;
    let mut chain = AuditChain::new();
    let mut verdict = AuditVerdict::default();
    // Before every number a store gives.
    let mut after = -1;
    loop {
        let rows = ctx.store.audit_after(after, ROWS_MAX).await?;
        let Some(last) = rows.last() else { break };
        after = last.number;
        for row in &rows {
            verdict.rows += 1;
            verdict.unchained += u64::from(row.hash.is_none());
            if !chain.follows(row) && verdict.first_bad.is_none() {
                verdict.first_bad = Some(row.number);
            }
        }
    }
    chain.tip().clone_into(&mut verdict.tip);
    Ok(verdict)
}
