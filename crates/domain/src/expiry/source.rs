//! A watched system cannot be read: said until it can be read again.
//!
//! Never resolves anything about the source's credentials: their last known ends count
//! on.

use crate::kernel::{Instant, SourceId, Span};

use super::{Alert, AlertKind, Plan, Subject, standing};

/// What is due for a source. `unread` says in a sentence why it could not be read for
/// more than its patience; `None` means that a complete read succeeded.
pub fn blind(
    source: &SourceId,
    unread: Option<&str>,
    alert: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    let subject = Subject::Source(source.clone());
    standing(&subject, AlertKind::Blind, unread, alert, backoff, now)
}

/// How long a source may go without a complete read: three of its intervals.
pub fn patience(interval: Span) -> Span {
    Span::from_micros(interval.as_micros().saturating_mul(3))
}
