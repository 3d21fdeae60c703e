//! A way out does not work: said over the other ways, until it works again.

use crate::kernel::{ChannelId, Instant, Span};

use super::{Alert, AlertKind, Plan, Subject, standing};

/// What is due for a channel. `failing` says in a sentence why the channel is degraded
/// or dead; `None` means that it works. Its notices must not go over the channel itself.
pub fn undeliverable(
    channel: &ChannelId,
    failing: Option<&str>,
    alert: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    let subject = Subject::Channel(channel.clone());
    standing(
        &subject,
        AlertKind::Undeliverable,
        failing,
        alert,
        backoff,
        now,
    )
}
