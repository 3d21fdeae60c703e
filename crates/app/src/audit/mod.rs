//! Who did what, when, and whether the record was tampered with.

mod chain;
mod read;

pub use chain::{AuditChain, audit_hash};
pub use read::{AuditVerdict, export_audit, list_audit, name_targets, verify_audit};
