//! Fresh stores to try claims on.

use std::sync::Arc;

use app::ports::{AuditEntry, Changes, Store, StoreError, Write};
use domain::kernel::Instant;

/// A store that nobody else uses.
pub type Shared = Arc<dyn Store>;

pub fn sqlite() -> Shared {
    store::Sqlite::temporary().unwrap()
}

/// Commits without an audit row.
pub async fn put(store: &Shared, writes: Vec<Write>) -> Result<(), StoreError> {
    let changes = Changes {
        writes,
        audit: Vec::new(),
    };
    store.commit(changes).await
}

/// An audit row that says `action`.
pub fn said(action: &str, at: Instant) -> AuditEntry {
    AuditEntry {
        at,
        actor: "system".to_owned(),
        action: action.to_owned(),
        target: "role:None".to_owned(),
        details: serde_json::json!({"b": 1, "a": [true, null, "ü"]}),
    }
}
