//! Nobody who can act owns a credential, or nobody would hear of its end.

use crate::inventory::End;
use crate::kernel::{Instant, Span};

use super::{Alert, AlertKind, CredentialView, Plan, Subject, standing};

/// How often an orphan is said again until it has an owner.
const BACKOFF: Span = Span::days(7);

/// What is due because nobody who can act owns the credential.
pub fn orphaned(view: &CredentialView, alert: Option<&Alert>, now: Instant) -> Plan {
    let wrong = (view.orphaned && works(view, now))
        .then_some("nobody who can act owns this credential; assign an owner");
    let subject = Subject::Credential(view.id.clone());
    standing(&subject, AlertKind::Orphaned, wrong, alert, BACKOFF, now)
}

/// What is due because nobody at all would hear of the credential's end: `nobody` is
/// what `notice::audience` found.
pub fn unheard(view: &CredentialView, nobody: bool, alert: Option<&Alert>, now: Instant) -> Plan {
    let wrong = (nobody && works(view, now))
        .then_some("nobody would hear of this credential's end; assign an owner who can be reached, or set audience.catch_all");
    let subject = Subject::Credential(view.id.clone());
    standing(&subject, AlertKind::Unheard, wrong, alert, BACKOFF, now)
}

fn works(view: &CredentialView, now: Instant) -> bool {
    let ended = matches!(view.end, End::Known(end) if end <= now);
    !ended
        && !view.rotated
        && !view.suspended
        && view.revoked_at.is_none()
        && view.gone_at.is_none()
}
