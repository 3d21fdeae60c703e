//! Who did what, when, and whether the record was tampered with.

mod chain;
mod names;
mod read;

pub use chain::{AuditChain, audit_hash};
pub use names::name_targets;
pub use read::{AuditVerdict, export_audit, list_audit, verify_audit};
