//! The audit log as pages, as a stream, and checked link by link. Needs `audit:read`.

use std::collections::{BTreeMap, BTreeSet};

use domain::expiry::Subject;
use domain::kernel::{AlertId, CredentialId, MonitorId};
use domain::people::Directory;
use serde_json::Value;

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

/// What the credentials, alerts and monitors are called that rows are about, by the rows'
/// targets; and those that their details name, by id. What is gone is not among them.
/// Needs `audit:read`.
///
/// # Errors
/// [`AppError::Forbidden`], the store's.
pub async fn name_targets(
    ctx: &Context,
    principal: &Principal,
    rows: &[AuditRow],
) -> Result<BTreeMap<String, String>, AppError> {
    principal.need("audit:read", "to read the audit log")?;
    let targets: BTreeSet<&str> = rows.iter().map(|row| row.entry.target.as_str()).collect();
    let mut wanted: Vec<(&str, CredentialId)> = Vec::new();
    let mut monitors: Vec<MonitorId> = Vec::new();
    for target in targets {
        let (word, id) = target.split_once(':').unwrap_or(("", target));
        match word {
            "credential" | "token" => {
                wanted.extend(CredentialId::parse(id).ok().map(|id| (target, id)));
            }
            "alert" => wanted.extend(of_alert(ctx, id).await?.map(|id| (target, id))),
            _ => monitors.extend(MonitorId::parse(id).ok()),
        }
    }
    let told = rows.iter().flat_map(|row| ids_within(&row.entry.details));
    for id in told.collect::<BTreeSet<_>>() {
        if id.starts_with("crd_") {
            wanted.extend(CredentialId::parse(id).ok().map(|own| (id, own)));
        } else {
            monitors.extend(MonitorId::parse(id).ok());
        }
    }
    let ids: Vec<CredentialId> = wanted.iter().map(|(_, id)| id.clone()).collect();
    let credentials = ctx.store.credentials_of(&ids).await?;
    let named = wanted.iter().filter_map(|(target, id)| {
        let found = credentials.iter().find(|c| c.id == *id)?;
        Some(((*target).to_owned(), found.name.to_string()))
    });
    let mut names: BTreeMap<String, String> = named.collect();
    for monitor in ctx.store.monitors_of(&monitors).await? {
        names.insert(monitor.id.to_string(), monitor.name.to_string());
    }
    Ok(names)
}

/// Ids of credentials and monitors that details name, however deep.
fn ids_within(details: &Value) -> Vec<&str> {
    match details {
        Value::String(text) if ["crd_", "mon_"].iter().any(|own| text.starts_with(own)) => {
            vec![text]
        }
        Value::Array(all) => all.iter().flat_map(ids_within).collect(),
        Value::Object(fields) => fields.values().flat_map(ids_within).collect(),
        _ => Vec::new(),
    }
}

/// The credential that an alert is about.
async fn of_alert(ctx: &Context, id: &str) -> Result<Option<CredentialId>, AppError> {
    let Ok(id) = AlertId::parse(id) else {
        return Ok(None);
    };
    let alert = ctx.store.alert(&id).await?;
    Ok(alert.and_then(|alert| match alert.subject {
        Subject::Credential(id) => Some(id),
        _ => None,
    }))
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
