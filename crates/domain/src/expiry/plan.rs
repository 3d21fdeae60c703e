//! What is due now, why, and when to look again.

use std::collections::BTreeSet;

use crate::inventory::End;
use crate::kernel::Instant;

use super::cycle::Cycle;
use super::{Alert, CredentialView, Policy, Reason, Resolution, Resolved, Step, Whom, course};

/// What is due now, why, and when to look again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The alert as it is after this plan, to be stored with compare-and-set on the
    /// version it carries; `None` while there is nothing to stand. The sweep adds those
    /// for whom it makes notices to `told` before it stores it.
    pub alert: Option<Alert>,
    /// What is to be said now, to everybody whom it concerns.
    pub say: Option<Saying>,
    /// What already stands, with `newcomers_only` set: to be said to those who have
    /// become owner, team member or watcher since. See `notice::Audience::newcomers`.
    pub standing: Option<Saying>,
    /// What was observed to end the cycle now, where those told should hear of it.
    /// A suspension and a lapse close a cycle in silence and do not show here.
    pub resolved: Option<Resolution>,
    /// With `resolved`: the cycle that was closed. Its `end`, `step()` and `told` are
    /// what the resolution notices speak of; `alert` may already be the next cycle.
    pub closed: Option<Alert>,
    /// When to look again, always later than the plan's `now`; `None` means that nothing
    /// can matter before something changes.
    pub next_due_at: Option<Instant>,
    /// When the next step is entered, for `notice::schedule` and `notice::deadline`; `None`
    /// after the last one and for what has no steps.
    pub next_step_at: Option<Instant>,
    /// Why.
    pub reason: Reason,
}

/// A step to be said, with all that decides who hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// Which step.
    pub step: Step,
    /// Which time: 1 for the first.
    pub occurrence: u32,
    /// Why it is said.
    pub reason: Reason,
    /// The step was scaled down to a short life: owner and team only, no escalation.
    pub scaled: bool,
    /// Somebody had acknowledged the step before this one: no escalation yet.
    pub acknowledged: bool,
    /// It may lapse: no escalation, no pager.
    pub let_lapse: bool,
    /// It was used in the week before its end, or later.
    pub still_used: bool,
    /// A newer credential exists that does not provably take its place.
    pub newer_exists: bool,
    /// Something does not work because of it at this moment: admins hear too.
    pub broken: bool,
    /// Only those who have not been told in this cycle hear it.
    pub newcomers_only: bool,
    /// It may wait for a digest. The first word about an end may not when no more than two
    /// weeks are left: what was found late, moved into a step or lives shortly has no days
    /// to spare.
    pub gathers: bool,
    /// Whom the policy wants to hear; `None`: the usual ones for this step.
    pub whom: Option<BTreeSet<Whom>>,
    /// Who hears besides, because nobody acknowledged.
    pub escalated_to: BTreeSet<Whom>,
}

impl Plan {
    /// A plan that leaves everything as it is.
    pub(super) fn silent(alert: Option<&Alert>, reason: Reason) -> Self {
        Self {
            alert: alert.cloned(),
            say: None,
            standing: None,
            resolved: None,
            closed: None,
            next_due_at: None,
            next_step_at: None,
            reason,
        }
    }
}

/// What is due for a credential at `now`, given what was done about it so far.
///
/// First what ends the matter (revoked, gone, replaced, suspended), then which cycle the
/// end belongs to, then which step of it is due.
pub fn plan(view: &CredentialView, policy: &Policy, alert: Option<&Alert>, now: Instant) -> Plan {
    if let Some(how) = over(view) {
        return close(alert, how, now);
    }
    let end = match counting(view, now) {
        End::Known(end) => end,
        End::Never if is_open(alert) => return close(alert, Resolution::Extended, now),
        End::Never => return Plan::silent(alert, Reason::NoEnd),
        // A read that lost the end closes nothing: the last known one counts on.
        End::Unknown => match alert.filter(|a| a.resolved.is_none()).and_then(|a| a.end) {
            Some(last_known) => last_known,
            None => return Plan::silent(alert, Reason::EndUnknown),
        },
    };
    if alert.is_none() && view.is_short_lived(end) {
        return Plan::silent(None, Reason::ShortLived);
    }
    let cycle = Cycle::of(view, policy, alert, end, now);
    course::run(view, policy, cycle, end, now)
}

/// The end that counts now: its own again, where the owner's leaving was what ended it and
/// is past.
fn counting(view: &CredentialView, now: Instant) -> End {
    let past = view.own_end_counts_at().is_some_and(|at| at <= now);
    view.own_end.filter(|_| past).unwrap_or(view.end)
}

/// What ended the matter, whatever the end says.
pub(super) fn over(view: &CredentialView) -> Option<Resolution> {
    if view.revoked_at.is_some() {
        Some(Resolution::Revoked)
    } else if view.gone_at.is_some() {
        Some(Resolution::Gone)
    } else if view.rotated || view.is_succeeded() {
        Some(Resolution::Rotated)
    } else if view.suspended {
        Some(Resolution::Suspended)
    } else {
        None
    }
}

fn is_open(alert: Option<&Alert>) -> bool {
    alert.is_some_and(|a| a.resolved.is_none_or(|r| r.how == Resolution::Suspended))
}

/// Closes an open cycle; a suspended one too, when more than a suspension is seen.
fn close(alert: Option<&Alert>, how: Resolution, now: Instant) -> Plan {
    let silent = how == Resolution::Suspended;
    let reason = if silent {
        Reason::Suspended
    } else {
        Reason::Over
    };
    let changes = |a: &&Alert| is_open(Some(a)) && a.resolved.is_none_or(|r| r.how != how);
    let Some(open) = alert.filter(changes) else {
        return Plan::silent(alert, reason);
    };
    let mut closed = open.clone();
    closed.resolved = Some(Resolved { at: now, how });
    let mut plan = Plan::silent(Some(&closed), reason);
    if !silent {
        plan.resolved = Some(how);
        plan.closed = Some(closed);
    }
    plan
}
