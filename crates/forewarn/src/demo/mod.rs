//! A sample organisation, so that a first look shows something true to life.
//!
//! Dates are relative to now. Nothing here is used outside `serve --demo`; the rows go
//! through the same store and the same sweep as real ones.

mod credentials;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod foresight;
mod people;
mod routine;

use std::sync::Arc;

use app::ports::{AuditEntry, Changes, SourceState, Write};
use app::tokens::{IssueToken, issue_token};
use app::{Context, Principal};
use domain::access::Grant;
use domain::expiry::Subject;
use domain::kernel::{Instant, SourceId, Span};
use domain::people::Owner;

use crate::cli::CliError;

use people::Everybody;
pub(crate) use routine::{REVIEW, REVIEWERS};

/// The sources of the sample organisation: id and system.
const SOURCES: [(&str, &str); 5] = [
    ("foundry-prod", "foundry"),
    ("acs-central", "stackrox"),
    ("atlassian", "atlassian"),
    ("gitlab", "gitlab"),
    ("grafana", "grafana"),
];

/// Fills an empty store; one that holds the sample already stays as it is. Answers
/// whether it was filled now. Comes before the verifier is loaded.
pub(crate) async fn load(ctx: &Context) -> Result<bool, CliError> {
    let store = ctx.store.as_ref();
    if store.meta("demo").await.map_err(sentence)?.is_some() {
        return Ok(false);
    }
    let now = ctx.now();
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
    let known = credentials::all(&everybody, now);
    let entropy = &mut ctx.random.as_ref();
    let (monitors, heard) = routine::monitors(&everybody, &known, entropy, now);
    writes.extend(monitors);
    writes.extend(routine::rounds(&everybody, &known, now));
    for credential in known {
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
    store
        .commit(Changes { writes, audit })
        .await
        .map_err(sentence)?;
    store.flush_pings(heard).await.map_err(sentence)?;
    Ok(true)
}

/// Tokens of Forewarn's own, issued like any other; nobody sees their values.
pub(crate) async fn issue_tokens(ctx: &Context) -> Result<(), CliError> {
    let owner = Owner::parse(app::setup::SETUP_ACCOUNT).map_err(sentence)?;
    let setup = Principal {
        token: None,
        kind: None,
        owner,
        grant: Arc::new(Grant::ALL),
        expires_at: None,
        ingest_source: None,
    };
    for (name, owner, days) in TOKENS {
        let request = IssueToken {
            name: name.to_owned(),
            roles: vec!["Continuous Integration".to_owned()],
            lifetime: Some(Span::days(days)),
            owner: Some(owner.to_owned()),
            ..IssueToken::default()
        };
        issue_token(ctx, &setup, request).await.map_err(sentence)?;
    }
    Ok(())
}

/// Name, owner, days to live.
const TOKENS: [(&str, &str, i64); 4] = [
    ("release-train", "deploy-bot", 365),
    ("inventory-reader", "nightly-export", 200),
    ("change-window", "deploy-bot", 30),
    ("sensor-dashboard", "track-sensors", 90),
];

fn sentence(error: impl std::fmt::Display) -> CliError {
    CliError::failed(error.to_string())
}

fn source(id: &str, system: &str, now: Instant) -> Option<Write> {
    let read_at = now - Span::minutes(12);
    Some(Write::PutSource(Box::new(SourceState {
        attempted_at: Some(read_at),
        succeeded_at: Some(read_at),
        complete_at: (system != "foundry").then_some(read_at),
        imported: true,
        ..SourceState::new(SourceId::parse(id).ok()?, system)
    })))
}
