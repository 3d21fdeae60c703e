//! The issuer refuses a credential, although nothing says that it ended.
//!
//! An integration that uses it fails at this moment, so admins hear too. Says nothing of
//! a credential whose known end explains the refusal: that end has its own steps.

use crate::inventory::{End, Refused};
use crate::kernel::{Instant, Span};

use super::plan::over;
use super::{Alert, AlertKind, CredentialView, Plan, Resolution, Subject, standing};

/// What is due because the issuer refuses the credential: said at once to owner, team,
/// watchers and admins, again every `backoff` unless somebody acknowledged, and over when
/// it is accepted again, revoked, replaced or gone.
pub fn refused(view: &CredentialView, alert: Option<&Alert>, backoff: Span, now: Instant) -> Plan {
    let ended = over(view);
    let wrong = view
        .refused
        .as_ref()
        .filter(|refused| ended.is_none() && !is_explained(view, refused));
    let sentence = wrong.map(|r| format!("its issuer refuses it since {}: {}", r.since, r.why));
    let subject = Subject::Credential(view.id.clone());
    let kind = AlertKind::Refused;
    let mut plan = standing(&subject, kind, sentence.as_deref(), alert, backoff, now);
    if let Some(saying) = &mut plan.say {
        saying.broken = true;
    }
    match ended {
        Some(how) => plan.because(how),
        None => plan,
    }
}

/// What ended before it was refused is refused rightly.
fn is_explained(view: &CredentialView, refused: &Refused) -> bool {
    matches!(view.end, End::Known(end) if end <= refused.since)
}

impl Plan {
    /// The same plan, closed for another reason than that all is well again. A suspension
    /// and a lapse close in silence.
    pub(super) fn because(mut self, how: Resolution) -> Self {
        if self.resolved.is_none() {
            return self;
        }
        for alert in [&mut self.alert, &mut self.closed].into_iter().flatten() {
            if let Some(resolved) = &mut alert.resolved {
                resolved.how = how;
            }
        }
        self.resolved = Some(how);
        if matches!(how, Resolution::Suspended | Resolution::Lapsed) {
            self.resolved = None;
            self.closed = None;
        }
        self
    }
}
