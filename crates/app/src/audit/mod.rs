//! Who did what, when, and whether the record was tampered with.

mod read;

pub use read::{AuditVerdict, export_audit, list_audit, verify_audit};
