//! What is due now, why, and when to look again.

use crate::kernel::Instant;

use super::{Alert, Policy, Resolution, Step};

/// What the plan must know of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialView {}

/// What is due now, why, and when to look again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The alert as it is after this plan; `None` while there is nothing to stand.
    pub alert: Option<Alert>,
    /// What is to be said now.
    pub say: Option<Saying>,
    /// What was observed to end the cycle now: those told hear of it.
    pub resolved: Option<Resolution>,
    /// When to look again; `None` means not before something changes.
    pub next_due_at: Option<Instant>,
    /// Why.
    pub reason: Reason,
}

/// A step to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// Which step.
    pub step: Step,
    /// Which time: 1 for the first.
    pub occurrence: u32,
}

/// Why a plan is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is due.
    NotDue,
}

/// Placeholder signature; see the module's tests for the rules.
pub fn plan(
    _view: &CredentialView,
    _policy: &Policy,
    alert: Option<&Alert>,
    _now: Instant,
) -> Plan {
    Plan {
        alert: alert.cloned(),
        say: None,
        resolved: None,
        next_due_at: None,
        reason: Reason::NotDue,
    }
}
