//! Which steps a credential has, and at which instants they are entered.

use std::cmp::Reverse;

use crate::inventory::End;
use crate::kernel::{Instant, Span};

use super::{CredentialView, Policy, Step};

/// Steps nearer to each other than this are one step.
const SAME_STEP: Span = Span::hours(1);

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

/// All steps, widest first: those before the end, the end, a day and a week after it.
pub(super) fn ladder(view: &CredentialView, policy: &Policy, end: Instant) -> Vec<Rung> {
    let mut rungs = leads(view, policy, end);
    let after = [
        (Step::End, Span::ZERO),
        (Step::AfterEnd(Span::days(1)), Span::days(1)),
        (LAST, Span::days(7)),
    ];
    rungs.extend(after.map(|(step, later)| Rung {
        step,
        at: end + later,
        scaled: false,
    }));
    rungs
}

/// The steps that a credential has before its end: its own first warning and the policy's,
/// scaled to a short life, in the order of their saying. None without a known end.
pub fn steps_before_end(view: &CredentialView, policy: &Policy) -> Vec<Step> {
    let End::Known(end) = view.end else {
        return Vec::new();
    };
    leads(view, policy, end)
        .iter()
        .map(|rung| rung.step)
        .collect()
}

/// The last step of all; said only of what was still used.
pub(super) const LAST: Step = Step::AfterEnd(Span::days(7));

/// The steps before the end, widest first; none for lives under a day.
pub(super) fn leads(view: &CredentialView, policy: &Policy, end: Instant) -> Vec<Rung> {
    if view.is_short_lived(end) {
        return Vec::new();
    }
    let mut rungs: Vec<Rung> = Vec::new();
    for (lead, scaled) in lead_times(view, policy, end) {
        let near = rungs.last().is_some_and(|last| is_same(last.step, lead));
        if near {
            rungs.pop();
        }
        rungs.push(Rung {
            step: Step::Lead(lead),
            at: policy.pulled_forward(end - lead),
            scaled,
        });
    }
    rungs
}

/// Each lead time and whether it was scaled down, widest first; of equals the one that
/// was not scaled comes last, for the last survives.
fn lead_times(view: &CredentialView, policy: &Policy, end: Instant) -> Vec<(Span, bool)> {
    let life = view.created_at.filter(|c| *c < end).map(|c| c.until(end));
    let third = life.map(third);
    let by_hand = view.lead_time.filter(|lead| lead.is_positive());
    let of_policy = policy
        .steps
        .iter()
        .filter(|step| by_hand.is_none_or(|first| **step < first))
        .map(|step| match third {
            Some(third) if *step > third => (third, true),
            _ => (*step, false),
        });
    // What somebody chose by hand is not scaled.
    let mut leads: Vec<_> = by_hand
        .map(|l| (l, false))
        .into_iter()
        .chain(of_policy)
        .collect();
    leads.sort_by_key(|(lead, scaled)| (Reverse(*lead), !*scaled));
    leads
}

/// A third of a life, in whole minutes so that it can be spelled.
fn third(life: Span) -> Span {
    let minute = Span::minutes(1).as_micros();
    Span::from_micros(life.as_micros() / 3 / minute * minute)
}

/// Whether two lead times coincide. Policies of minutes or seconds keep theirs apart.
fn is_same(wider: Step, lead: Span) -> bool {
    let Step::Lead(wider) = wider else {
        return false;
    };
    let apart = wider.as_micros() - lead.as_micros();
    apart < SAME_STEP.as_micros().min(lead.as_micros() / 24 + 1)
}
