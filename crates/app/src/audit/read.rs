//! The audit log as pages, as a stream, and checked link by link. Needs `audit:read`.

use domain::people::Directory;

use super::AuditChain;
use crate::ports::{AuditFilter, AuditRow, Page, PageRequest};
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

/// So many people of one name are looked for.
const NAMESAKES: usize = 50;

/// A page of rows, newest first. An actor may also be written as people call them: a name,
/// or an address.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_audit(
    ctx: &Context,
    principal: &Principal,
    mut filter: AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditRow>, AppError> {
    principal.need("audit:read", "to read the audit log")?;
    if !filter.actors.is_empty() {
        let directory = ctx.store.directory().await?;
        let ids: Vec<String> = filter
            .actors
            .iter()
            .flat_map(|text| called(&directory, text))
            .collect();
        filter.actors.extend(ids);
    }
    Ok(ctx.store.audit(&filter, page).await?)
}

/// The ids of those whose name or address holds a text.
fn called(directory: &Directory, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let is_of = |word: &str| word.to_lowercase().contains(&text);
    let persons = directory.persons.values();
    let persons = persons.filter(|p| {
        is_of(p.name.as_str()) || p.email.as_ref().is_some_and(|e| is_of(&e.to_string()))
    });
    let accounts = directory.service_accounts.values();
    let accounts = accounts.filter(|s| is_of(s.name.as_str()));
    let ids = persons.map(|p| p.id.to_string());
    ids.chain(accounts.map(|s| s.id.to_string()))
        .take(NAMESAKES)
        .collect()
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
