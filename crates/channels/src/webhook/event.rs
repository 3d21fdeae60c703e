//! Which event is this, in the words of the wire?

use app::ports::{Item, MessageContent};
use domain::expiry::{AlertKind, Step};
use domain::notice::MessageKind;

/// The type of a whole body.
pub(super) fn of_message(content: &MessageContent) -> &'static str {
    match (content.kind, content.items.as_slice()) {
        (MessageKind::Test | MessageKind::Proof | MessageKind::Question, _) => "test.ping",
        (MessageKind::Notices, [only]) => of_item(only),
        _ => "credential.digest",
    }
}

/// The type of one item.
pub(super) fn of_item(item: &Item) -> &'static str {
    let over = item.resolution.is_some();
    match item.kind {
        AlertKind::Expiry if over => "credential.resolved",
        AlertKind::Expiry if matches!(item.step, Step::End | Step::AfterEnd(_)) => {
            "credential.expired"
        }
        AlertKind::Expiry => "credential.expiring",
        AlertKind::UsedAfterEnd => "credential.used_after_end",
        AlertKind::UsedInOverlap => "credential.used_in_overlap",
        AlertKind::Refused if over => "credential.accepted",
        AlertKind::Refused => "credential.refused",
        AlertKind::FellSilent if over => "credential.used_again",
        AlertKind::FellSilent => "credential.fell_silent",
        AlertKind::Orphaned => "credential.orphaned",
        AlertKind::Unheard => "credential.unheard",
        AlertKind::Carried => "credential.carried",
        AlertKind::Blind if over => "source.recovered",
        AlertKind::Blind => "source.blind",
        AlertKind::Vanished if over => "source.settled",
        AlertKind::Vanished => "source.vanished",
        AlertKind::Undeliverable if over => "channel.recovered",
        AlertKind::Undeliverable => "channel.degraded",
        AlertKind::Silent if over => "monitor.recovered",
        AlertKind::Silent => "monitor.silent",
        AlertKind::ReviewDue => "review.due",
        AlertKind::NoWayOut => "system.no_way_out",
        AlertKind::LapsedWhileDown => "system.lapsed_while_down",
        AlertKind::Stalled => "system.stalled",
    }
}
