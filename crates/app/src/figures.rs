//! What is counted, for `/metrics`: ends, alerts, outbox, sources.
//!
//! Bounded: however large the inventory is, only the soonest ends are named.

use std::collections::BTreeMap;

use domain::expiry::{AlertState, Step};
use domain::inventory::State;
use domain::kernel::{CredentialId, Instant, Span};

use crate::ports::{AlertFilter, CredentialFilter, CredentialSort, PageRequest, SourceState};
use crate::{AppError, Context};

/// Credentials that are named at most.
pub const NAMED_MAX: u32 = 1000;
/// Alerts that are counted at most.
const ALERTS_MAX: u32 = 10_000;
const PAGE: u32 = 200;

/// What is counted.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// The active credentials that end soonest, at most [`NAMED_MAX`].
    pub ends: Vec<EndOf>,
    /// Whether more were left out.
    pub ends_are_cut: bool,
    /// Unresolved alerts by state and deepest step, whose span is cut to its largest unit:
    /// the steps of a short life are scaled to it, and each would be a series of its own.
    pub alerts: BTreeMap<(&'static str, String), u64>,
    /// The same by kind and state.
    pub kinds: BTreeMap<(&'static str, &'static str), u64>,
    /// Monitors by how they do.
    pub monitors: BTreeMap<&'static str, u64>,
    /// How long the oldest message has waited past its turn; zero when none does.
    pub outbox_oldest: Span,
    /// All sources.
    pub sources: Vec<SourceState>,
}

/// When a credential ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndOf {
    /// Which.
    pub id: CredentialId,
    /// Of which source.
    pub source: String,
    /// The issuer's word for what it is.
    pub kind: String,
    /// The answering team's id; empty without one.
    pub team: String,
    /// When it ends.
    pub at: Instant,
}

/// Counts. Whoever calls decides who may see it (`metrics:read`).
///
/// # Errors
/// The store's.
pub async fn figures(ctx: &Context) -> Result<Figures, AppError> {
    let now = ctx.now();
    let (ends, ends_are_cut) = ends(ctx, now).await?;
    let waiting = ctx.store.oldest_waiting(now).await?;
    let (alerts, kinds) = alerts(ctx, now).await?;
    Ok(Figures {
        ends,
        ends_are_cut,
        alerts,
        kinds,
        monitors: monitors(ctx, now).await?,
        outbox_oldest: waiting.map_or(Span::ZERO, |since| since.until(now)),
        sources: ctx.store.sources().await?,
    })
}

async fn ends(ctx: &Context, now: Instant) -> Result<(Vec<EndOf>, bool), AppError> {
    let filter = CredentialFilter {
        now,
        states: vec![State::Active],
        expires_after: Some(now),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let mut page = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut ends = Vec::new();
    loop {
        let found = ctx.store.list_credentials(&filter, &page).await?;
        for (credential, _) in found.items {
            ends.extend(credential.expires_at().map(|at| EndOf {
                id: credential.id,
                source: credential.source.to_string(),
                kind: credential.kind,
                team: credential.team.map(String::from).unwrap_or_default(),
                at,
            }));
        }
        page.after = found.next;
        let full = ends.len() >= NAMED_MAX as usize;
        if page.after.is_none() || full {
            return Ok((ends, page.after.is_some()));
        }
    }
}

async fn monitors(ctx: &Context, now: Instant) -> Result<BTreeMap<&'static str, u64>, AppError> {
    let outage = ctx.outage.get().copied().flatten();
    let mut counts = BTreeMap::new();
    for monitor in ctx.store.monitors().await? {
        let state = monitor.pulse(outage, now).as_str();
        *counts.entry(state).or_default() += 1;
    }
    Ok(counts)
}

/// Counts by state and step.
type BySteps = BTreeMap<(&'static str, String), u64>;
/// Counts by kind and state.
type ByKinds = BTreeMap<(&'static str, &'static str), u64>;

async fn alerts(ctx: &Context, now: Instant) -> Result<(BySteps, ByKinds), AppError> {
    let filter = AlertFilter {
        now,
        ..AlertFilter::default()
    };
    let mut page = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut counts = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    let mut seen = 0;
    loop {
        let found = ctx.store.list_alerts(&filter, &page).await?;
        seen += PAGE;
        for alert in found.items {
            let state = alert.state(now);
            if state != AlertState::Resolved {
                let step = alert.step().map(|step| cut(step).to_string());
                let step = step.unwrap_or_default();
                *counts.entry((state.as_str(), step)).or_default() += 1;
                *kinds
                    .entry((alert.kind.as_str(), state.as_str()))
                    .or_default() += 1;
            }
        }
        page.after = found.next;
        if page.after.is_none() || seen >= ALERTS_MAX {
            return Ok((counts, kinds));
        }
    }
}

/// Whole days; under a day whole hours, under an hour whole minutes.
fn cut(step: Step) -> Step {
    let whole = |span: Span| {
        let units = [Span::days(1), Span::hours(1), Span::minutes(1)];
        let unit = units.into_iter().find(|unit| span >= *unit);
        unit.map_or(span, |unit| {
            Span::from_micros(span.whole(unit) * unit.as_micros())
        })
    };
    match step {
        Step::Lead(before) => Step::Lead(whole(before)),
        Step::AfterEnd(after) => Step::AfterEnd(whole(after)),
        Step::Baseline | Step::End | Step::Now => step,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_step_is_counted_with_those_of_its_largest_unit() {
        for (step, counted) in [
            ("30d", "30d"),
            ("9d18h16m", "9d"),
            ("1d", "1d"),
            ("23h59m59s", "23h"),
            ("59m30s", "59m"),
            ("59s", "59s"),
            ("end+1d2h", "end+1d"),
            ("end", "end"),
            ("now", "now"),
        ] {
            let step = Step::parse(step).unwrap();
            assert_eq!(cut(step).to_string(), counted);
        }
    }
}
