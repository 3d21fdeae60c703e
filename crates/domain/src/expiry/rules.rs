//! All rules about one credential at once, as a sweep asks them.

use crate::kernel::Instant;

use super::{
    Alert, AlertKind, CredentialView, Plan, Policy, fell_silent, orphaned, plan, refused, unheard,
    used_after_end, used_in_overlap,
};

/// Every rule about a credential, one plan each. `alerts` are the credential's stored
/// alerts, any kinds in any order; `nobody` is what `notice::audience` found when somebody
/// was last looked for. What hangs on a person ([`super::carried`]) is asked apart, for it
/// looks at where the credential is used. A plan without an alert changes nothing.
pub fn rules(
    view: &CredentialView,
    policy: &Policy,
    alerts: &[Alert],
    nobody: bool,
    now: Instant,
) -> Vec<(AlertKind, Plan)> {
    let of = |kind| alerts.iter().find(|alert| alert.kind == kind);
    let kinds = [
        AlertKind::Expiry,
        AlertKind::UsedAfterEnd,
        AlertKind::UsedInOverlap,
        AlertKind::Refused,
        AlertKind::FellSilent,
        AlertKind::Orphaned,
        AlertKind::Unheard,
    ];
    let expiry = of(AlertKind::Expiry);
    let rule = |kind| match kind {
        AlertKind::UsedAfterEnd => used_after_end(view, of(kind), now),
        AlertKind::UsedInOverlap => used_in_overlap(view, of(kind), now),
        AlertKind::Refused => refused(view, of(kind), policy.backoff, now),
        AlertKind::FellSilent => fell_silent(view, expiry, of(kind), now),
        AlertKind::Orphaned => orphaned(view, of(kind), now),
        AlertKind::Unheard => unheard(view, nobody, of(kind), now),
        _ => plan(view, policy, expiry, now),
    };
    kinds.map(|kind| (kind, rule(kind))).into()
}

/// When to look at the credential again: the earliest of all its plans.
pub fn look_again(plans: &[(AlertKind, Plan)]) -> Option<Instant> {
    plans.iter().filter_map(|(_, plan)| plan.next_due_at).min()
}
