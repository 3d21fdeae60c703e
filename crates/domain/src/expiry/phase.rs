//! Where in its life a credential stands.

use crate::inventory::End;
use crate::kernel::Instant;

use super::steps::ladder;
use super::{CredentialView, Policy, Step};

/// Where in its life a credential stands. Every instant has exactly one phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Before its first step.
    Far,
    /// Inside this step, and no deeper one; `remaining <= step`.
    Near(Step),
    /// At or past its end.
    Ended,
    /// Revoked, gone, or replaced by its own rotation.
    Over,
    /// It has no end.
    Never,
    /// Its end is not known.
    Unknown,
}

/// The phase at `now`.
pub fn phase(view: &CredentialView, policy: &Policy, now: Instant) -> Phase {
    if view.revoked_at.is_some() || view.gone_at.is_some() || view.rotated {
        return Phase::Over;
    }
    match view.end {
        End::Never => Phase::Never,
        End::Unknown => Phase::Unknown,
        End::Known(end) if end <= now => Phase::Ended,
        End::Known(end) => ladder(view, policy, end)
            .iter()
            .rfind(|rung| rung.at <= now)
            .map_or(Phase::Far, |rung| Phase::Near(rung.step)),
    }
}
