//! The audit log.

use async_trait::async_trait;
use domain::kernel::Instant;

use super::{Page, PageRequest, StoreError};

/// A row of the audit log, before the store numbers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Instant,
    /// Who: `token:ID person:ID`, `system`, `setup`.
    pub actor: String,
    /// What: `token.issue`, `role.change`, …
    pub action: String,
    /// To what: `token:ID`, `role:NAME`, …
    pub target: String,
    /// Details without secrets.
    pub details: serde_json::Value,
}

/// A row of the audit log as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Rises with each row.
    pub number: i64,
    /// The entry.
    pub entry: AuditEntry,
    /// SHA-256 over the hash before and this row, in hex; `None` until chained.
    pub hash: Option<String>,
}

/// Which rows of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Whose actor holds one of these texts; empty means anybody's.
    pub actors: Vec<String>,
    /// Whose action begins so.
    pub action: Option<String>,
    /// Whose target holds this text.
    pub target: Option<String>,
    /// At this instant or later.
    pub from: Option<Instant>,
    /// Before this instant.
    pub until: Option<Instant>,
}

/// Reads of the audit log.
#[async_trait]
pub trait AuditReads {
    /// A page of rows, newest first.
    async fn audit(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditRow>, StoreError>;
    /// Rows by number, after the one given, oldest first, for export and verification.
    async fn audit_after(&self, number: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError>;
}
