//! What would be said, and to whom, if a policy stood in the configuration?
//!
//! Two forecasts by the functions of the sweep, one with the candidate and one without,
//! and what differs between them. Writes nothing.

use std::collections::BTreeSet;

use domain::expiry::{AlertKind, PolicyDraft};
use domain::kernel::{CredentialId, Instant, Span};
use domain::people::Recipient;

use crate::sweep::{Forecast, Foreseen, forecast, forecast_with};
use crate::{AppError, Context, Principal};

/// Steps of a candidate.
const STEPS_MAX: usize = 50;
/// Hearers that a candidate names, over all its steps.
const WHOM_MAX: usize = 50;
/// A candidate as JSON, in bytes.
const SIZE_MAX: usize = 16 * 1024;
/// The shortest backoff of a candidate.
const BACKOFF_MIN: Span = Span::hours(1);

/// What a candidate would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRun {
    /// What will be said with the candidate.
    pub forecast: Forecast,
    /// What only the candidate says.
    pub added: Vec<Foreseen>,
    /// What the candidate no longer says.
    pub removed: Vec<Foreseen>,
    /// To how many of the credentials that the caller may see it would apply now; what has
    /// ended does not count.
    pub applies_to: u64,
}

/// What would be said in the next `span` about everything the caller may see, if the
/// candidate replaced the policy of its name or were added.
///
/// # Errors
/// [`AppError::Invalid`] for a candidate that the configuration would refuse.
pub async fn dry_run(
    ctx: &Context,
    principal: &Principal,
    name: &str,
    candidate: &PolicyDraft,
    span: Span,
) -> Result<DryRun, AppError> {
    bounded(principal, candidate)?;
    let policies = &ctx.settings.load_full().policies;
    let wrong = |e| AppError::invalid("policy", e);
    let candidate = candidate.build(name, &policies.default).map_err(wrong)?;
    let with = policies.with(candidate);
    let before = forecast(ctx, principal, span).await?;
    let (after, applies_to) = forecast_with(ctx, principal, span, with, name).await?;
    let (was, is) = (keys(&before), keys(&after));
    let only = |of: &Forecast, others: &BTreeSet<Key<'_>>| {
        let differs = of.notices.iter().filter(|n| !others.contains(&key(n)));
        differs.cloned().collect::<Vec<Foreseen>>()
    };
    Ok(DryRun {
        added: only(&after, &was),
        removed: only(&before, &is),
        applies_to,
        forecast: after,
    })
}

/// Everybody may try a policy, so what it may cost and what it may tell is bounded: the
/// configuration's own policies are their author's business.
fn bounded(principal: &Principal, candidate: &PolicyDraft) -> Result<(), AppError> {
    let steps = candidate.steps.as_ref().map_or(0, Vec::len);
    let audience = candidate
        .audience
        .iter()
        .flat_map(|by_step| by_step.values());
    let whom: usize = audience.map(|whom| whom.len()).sum();
    let size = serde_json::to_string(candidate).map_or(usize::MAX, |text| text.len());
    let often = candidate
        .backoff
        .is_some_and(|backoff| backoff < BACKOFF_MIN);
    if steps > STEPS_MAX || whom > WHOM_MAX || size > SIZE_MAX || often {
        let most = "is too much for a dry run: at most 50 steps, 50 hearers, 16 KiB, and a backoff of 1h or more";
        return Err(AppError::invalid("policy", most));
    }
    if whom > 0 || candidate.escalate.is_some() {
        principal.need("people:read", "to try who hears a step")?;
    }
    Ok(())
}

/// What makes two forecast notices the same for whoever hears them. The occurrence is
/// left out, for it counts what went before, and so is the step, which is a name: a step of
/// two days says what the repetition of a step of three days says a day later.
type Key<'a> = (Instant, &'a CredentialId, AlertKind, &'a Recipient);

fn key(notice: &Foreseen) -> Key<'_> {
    (
        notice.at,
        &notice.credential,
        notice.kind,
        &notice.recipient,
    )
}

fn keys(forecast: &Forecast) -> BTreeSet<Key<'_>> {
    forecast.notices.iter().map(key).collect()
}
