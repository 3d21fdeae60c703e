//! A sample organisation, so that a first look shows something true to life.
//!
//! Dates are relative to now. Nothing here is used outside `serve --demo`; the rows go
//! through the same store and the same sweep as real ones.

mod credentials;
mod people;

use app::ports::{AuditEntry, Changes, SourceState, Store, StoreError, Write};
use domain::expiry::Subject;
use domain::kernel::{Instant, SourceId, Span};

use people::Everybody;

/// The sources of the sample organisation: id and system.
const SOURCES: [(&str, &str); 5] = [
    ("foundry-prod", "foundry"),
    ("acs-central", "stackrox"),
    ("atlassian", "atlassian"),
    ("gitlab", "gitlab"),
    ("grafana", "grafana"),
];

/// Fills an empty store; a store that holds the sample already stays as it is.
pub(crate) async fn load(store: &dyn Store, now: Instant) -> Result<(), StoreError> {
    if store.meta("demo").await?.is_some() {
        return Ok(());
    }
    let everybody = Everybody::new(now);
    let mut writes = vec![Write::SwapMeta {
        name: "demo".to_owned(),
        from: None,
        to: Some(now.to_string()),
    }];
    writes.extend(everybody.writes());
    writes.extend(
        SOURCES
            .iter()
            .filter_map(|(id, system)| source(id, system, now)),
    );
    for credential in credentials::all(&everybody, now) {
        writes.push(Write::DueAtLatest(
            Subject::Credential(credential.id.clone()),
            now,
        ));
        writes.push(Write::PutCredential(Box::new(credential)));
    }
    let audit = vec![AuditEntry {
        at: now,
        actor: "system".to_owned(),
        action: "demo.load".to_owned(),
        target: "system:demo".to_owned(),
        details: serde_json::json!({}),
    }];
    store.commit(Changes { writes, audit }).await
}

fn source(id: &str, system: &str, now: Instant) -> Option<Write> {
    let read_at = now - Span::minutes(12);
    Some(Write::PutSource(Box::new(SourceState {
        id: SourceId::parse(id).ok()?,
        system: system.to_owned(),
        checkpoint: None,
        attempted_at: Some(read_at),
        succeeded_at: Some(read_at),
        complete_at: (system != "foundry").then_some(read_at),
        imported: true,
        failing: None,
        read: 0,
        unreadable: 0,
        remarks: Vec::new(),
        version: 0,
    })))
}
