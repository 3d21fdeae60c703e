//! What would be said, and to whom, if a policy stood in the configuration?
//!
//! Two forecasts by the functions of the sweep, one with the candidate and one without,
//! and what differs between them. Writes nothing.

use std::collections::BTreeSet;

use domain::expiry::PolicyDraft;
use domain::kernel::{CredentialId, Instant, Span};
use domain::people::Recipient;

use crate::sweep::{Forecast, Foreseen, forecast, forecast_with};
use crate::{AppError, Context, Principal};

/// What a candidate would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRun {
    /// What will be said with the candidate.
    pub forecast: Forecast,
    /// What only the candidate says.
    pub added: Vec<Foreseen>,
    /// What the candidate no longer says.
    pub removed: Vec<Foreseen>,
    /// To how many of the credentials that the caller may see it would apply now.
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

/// What makes two forecast notices the same for whoever hears them. The occurrence is
/// left out: it counts what went before.
type Key<'a> = (Instant, &'a CredentialId, String, &'a Recipient);

fn key(notice: &Foreseen) -> Key<'_> {
    (
        notice.at,
        &notice.credential,
        notice.step.to_string(),
        &notice.recipient,
    )
}

fn keys(forecast: &Forecast) -> BTreeSet<Key<'_>> {
    forecast.notices.iter().map(key).collect()
}
