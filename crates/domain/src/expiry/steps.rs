//! Which steps a credential has, and at which instants they are entered.

use crate::kernel::{Instant, Span};

use super::{CredentialView, Policy, Step};

/// Lives shorter than this are shown on surfaces only.
pub(super) const SHORT_LIFE: Span = Span::days(1);
/// Steps nearer to each other than this are one step.
const SAME_STEP: Span = Span::hours(1);
/// The instants after the end at which it is said again.
pub(super) const AFTER_END: [Span; 2] = [Span::days(1), Span::days(7)];

/// One step of one credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rung {
    /// Its lead time is the one that counts, scaled or not.
    pub step: Step,
    /// Entered at this instant.
    pub at: Instant,
    /// Scaled down to a short life.
    pub scaled: bool,
}

/// All steps before the end, widest first; empty for lives under a day.
pub(super) fn ladder(view: &CredentialView, policy: &Policy, end: Instant) -> Vec<Rung> {
    let life = view.created_at.filter(|c| *c < end).map(|c| c.until(end));
    if life.is_some_and(|life| life < SHORT_LIFE) {
        return Vec::new();
    }
    let third = life.map(third);
    let mut leads = Vec::new();
    if let Some(lead) = view.lead_time.filter(|l| l.is_positive()) {
        leads.push((lead, false));
    }
    for step in &policy.steps {
        match (view.lead_time, third) {
            (Some(first), _) if *step >= first => {}
            (_, Some(third)) if *step > third => leads.push((third, true)),
            _ => leads.push((*step, false)),
        }
    }
    // Widest first; of equals the unscaled one last, for the later of two survives.
    leads.sort_by_key(|(lead, scaled)| (std::cmp::Reverse(*lead), !*scaled));
    let mut rungs: Vec<Rung> = Vec::new();
    for (lead, scaled) in leads {
        let step = Step::Lead(lead);
        let at = policy.pulled_forward(end - lead);
        if let Some(Rung {
            step: Step::Lead(last),
            ..
        }) = rungs.last()
            && last.as_micros() - lead.as_micros() < same_step(lead).as_micros()
        {
            rungs.pop();
        }
        rungs.push(Rung { step, at, scaled });
    }
    rungs
}

/// A third of a life, in whole minutes so that it can be spelled.
fn third(life: Span) -> Span {
    let minute = Span::minutes(1).as_micros();
    Span::from_micros(life.as_micros() / 3 / minute * minute)
}

/// Policies with steps of minutes or seconds keep them apart.
fn same_step(lead: Span) -> Span {
    SAME_STEP.min(Span::from_micros(lead.as_micros() / 24 + 1))
}
