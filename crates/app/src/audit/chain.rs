//! How one row of the audit log vouches for all before it.

use aws_lc_rs::digest::{SHA256, digest};

use crate::digest::hex;
use crate::ports::AuditRow;

/// The hash of a row: SHA-256, in hex, over the hash of the row before (empty for the
/// first) and the row as a JSON array of number, microseconds, actor, action, target
/// and details.
pub fn audit_hash(before: &str, row: &AuditRow) -> String {
    let entry = &row.entry;
    let body = serde_json::json!([
        before,
        row.number,
        entry.at.as_micros(),
        entry.actor,
        entry.action,
        entry.target,
        entry.details,
    ]);
    hex(digest(&SHA256, body.to_string().as_bytes()).as_ref())
}

/// Walks the audit log, oldest row first, and says where it was changed.
#[derive(Clone, Debug, Default)]
pub struct AuditChain {
    before: String,
}

impl AuditChain {
    /// Begins at the first row.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the row is what it was when it was linked, and stands where it stood.
    /// Rows that are not linked yet are taken as they are.
    pub fn follows(&mut self, row: &AuditRow) -> bool {
        let Some(told) = &row.hash else { return true };
        let fits = *told == audit_hash(&self.before, row);
        self.before.clone_from(told);
        fits
    }

    /// The hash of the last linked row: whoever keeps it elsewhere can tell whether the
    /// end was cut off.
    pub fn tip(&self) -> &str {
        &self.before
    }
}
