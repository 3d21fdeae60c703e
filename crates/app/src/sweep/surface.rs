//! The expiry lines of the log, as StackRox writes them; apart from every plan.
//!
//! A surface never counts as delivered. What was logged is remembered in memory only:
//! after a restart everything inside the window is logged once more.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use domain::inventory::{Credential, State};
use domain::kernel::{CredentialId, Instant, Span};
use domain::notice::{stackrox_line, surface_due};
use domain::token::TokenKind;

use crate::Context;
use crate::ports::{CredentialFilter, CredentialSort, PageRequest, StoreError};

use super::PAGE;

/// When each credential was last logged.
#[derive(Debug, Default)]
pub struct Surfaced(Mutex<BTreeMap<CredentialId, Instant>>);

/// What a look at the window wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    /// The lines, for those who want to look.
    pub lines: Vec<String>,
    /// When the backoff of a line ends next, later than this look; `None` when nothing is
    /// inside the window. Sweeps that waited for their interval instead would drift by up
    /// to one interval a day.
    pub next: Option<Instant>,
}

/// Logs every active credential with `0 < remaining <= window` that was not logged within
/// the backoff, soonest end first.
///
/// # Errors
/// The store's.
pub async fn surface(ctx: &Context, logged: &Surfaced) -> Result<Surface, StoreError> {
    let settings = ctx.settings.load_full();
    let now = ctx.now();
    let filter = CredentialFilter {
        now,
        states: vec![State::Active],
        expires_after: Some(now),
        expires_before: Some(now + settings.window + Span::from_micros(1)),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let mut request = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut lines = Vec::new();
    loop {
        let page = ctx.store.list_credentials(&filter, &request).await?;
        for (credential, token) in &page.items {
            let bootstrap = token
                .as_ref()
                .is_some_and(|t| t.kind == TokenKind::Bootstrap);
            if !bootstrap && logged.is_due(credential, &settings, now) {
                lines.push(log(credential, &settings, now));
            }
        }
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    logged.forget_before(now - settings.backoff - settings.window);
    // Asked as of this look: a backoff that ends while it goes on would wait for a whole
    // interval otherwise.
    let next = logged.next_after(settings.backoff, now);
    Ok(Surface { lines, next })
}

fn log(credential: &Credential, settings: &crate::Settings, now: Instant) -> String {
    let remaining = credential.remaining(now).unwrap_or_default();
    // The setting is in the singular, as StackRox has it; the line counts.
    let plural = format!("{}s", settings.slice_name);
    let (name, id) = (credential.name.as_str(), credential.external_id.as_str());
    let line = stackrox_line(name, id, remaining, settings.slice, &plural);
    let expires_at = credential.expires_at().unwrap_or(now);
    tracing::warn!(
        target: "forewarn::expiry",
        {
            credential.id = id,
            credential.name = name,
            source = %credential.source,
            expires_at = %expires_at,
        },
        "{line}"
    );
    line
}

impl Surfaced {
    /// Whether the line is due; if it is, it counts as logged now.
    fn is_due(&self, credential: &Credential, settings: &crate::Settings, now: Instant) -> bool {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = logged.get(&credential.id).copied();
        let remaining = credential.remaining(now).unwrap_or_default();
        let due = surface_due(remaining, settings.window, last, settings.backoff, now);
        if due {
            logged.insert(credential.id.clone(), now);
        }
        due
    }

    /// Keeps the memory bounded by what is inside the window.
    fn forget_before(&self, at: Instant) {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logged.retain(|_, last| *last >= at);
    }

    /// The earliest instant later than `now` at which the backoff of a line ends.
    fn next_after(&self, backoff: Span, now: Instant) -> Option<Instant> {
        let logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = logged.values().map(|at| *at + backoff);
        ends.filter(|at| *at > now).min()
    }
}
