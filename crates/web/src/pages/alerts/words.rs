//! What an alert is about, in words.

use app::alerts::AlertItem;
use app::people::Names;
use domain::expiry::{Alert, AlertKind, AlertState, Resolution, Subject};
use domain::kernel::TeamId;

use crate::show::{NAME_CHARS, Reader, origin_words, path_part, plain};

/// The part of Forewarn that stands for the catch-all address.
const CATCH_ALL: &str = "catch-all";

/// Every kind that can be asked for.
pub(super) const KINDS: [AlertKind; 16] = [
    AlertKind::Expiry,
    AlertKind::UsedAfterEnd,
    AlertKind::UsedInOverlap,
    AlertKind::Refused,
    AlertKind::FellSilent,
    AlertKind::Orphaned,
    AlertKind::Unheard,
    AlertKind::Blind,
    AlertKind::Vanished,
    AlertKind::Undeliverable,
    AlertKind::Silent,
    AlertKind::ReviewDue,
    AlertKind::NoWayOut,
    AlertKind::LapsedWhileDown,
    AlertKind::Stalled,
    AlertKind::Carried,
];

/// Which standing fact it is.
pub(super) const fn kind_words(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Expiry => "nears its end",
        AlertKind::UsedAfterEnd => "is used after its end",
        AlertKind::UsedInOverlap => "is still used after its rotation",
        AlertKind::Refused => "is refused by its issuer",
        AlertKind::FellSilent => "is used no longer",
        AlertKind::Orphaned => "is owned by nobody who can act",
        AlertKind::Unheard => "would end without anybody hearing",
        AlertKind::Blind => "cannot be read",
        AlertKind::Vanished => "lists much less than before",
        AlertKind::Undeliverable => "does not deliver",
        AlertKind::Silent => "fell silent",
        AlertKind::ReviewDue => "is due for review",
        AlertKind::NoWayOut => "reaches nobody",
        AlertKind::LapsedWhileDown => "missed ends while it was down",
        AlertKind::Stalled => "stands still",
        AlertKind::Carried => "belongs to a person and carries an integration",
    }
}

/// The same of this alert: an end that has passed is none that nears.
pub(crate) fn fact(alert: &Alert, reader: &Reader) -> &'static str {
    match alert.end {
        Some(end) if alert.kind == AlertKind::Expiry && end <= reader.now => "has ended",
        _ if alert.subject == Subject::System(CATCH_ALL.to_owned()) => "cannot be reached",
        _ => kind_words(alert.kind),
    }
}

/// What it is called, what it is, and where it is shown.
pub(crate) fn about(item: &AlertItem, names: &Names) -> (String, String, Option<String>) {
    let short = |text: &str| plain(text, NAME_CHARS);
    match (&item.alert.subject, &item.credential, &item.monitor) {
        (Subject::Credential(id), credential, _) => {
            let name = credential.as_ref().map(|c| c.name.as_str());
            let what = credential
                .as_ref()
                .map_or_else(String::new, |c| origin_words(c.source.as_str(), &c.kind));
            let href = format!("/credentials/{}", path_part(id.as_str()));
            (short(name.unwrap_or(id.as_str())), what, Some(href))
        }
        (Subject::Monitor(id), _, monitor) => {
            let name = monitor.as_ref().map(|m| m.name.as_str());
            let name = short(name.unwrap_or(id.as_str()));
            let href = monitor
                .as_ref()
                .map(|_| format!("/monitors/{}", path_part(id.as_str())));
            (name, "a monitor".to_owned(), href)
        }
        (Subject::Source(id), ..) => (
            short(id.as_str()),
            "a source".to_owned(),
            Some("/sources".to_owned()),
        ),
        (Subject::Channel(id), ..) => (
            short(id.as_str()),
            "a channel".to_owned(),
            Some("/channels".to_owned()),
        ),
        (Subject::Review(id), ..) => {
            let href = format!("/reviews/{}", path_part(id));
            // Its id is its rule's and its team's, with a colon between.
            let both = id.split_once(':').and_then(|(rule, team)| {
                let team = names.team(&TeamId::parse(team).ok()?)?;
                Some(format!("{rule}, {team}"))
            });
            let name = short(both.as_deref().unwrap_or(id));
            (name, "a review".to_owned(), Some(href))
        }
        (Subject::System(id), ..) => (
            system_words(id).to_owned(),
            "about this server itself".to_owned(),
            None,
        ),
    }
}

/// A part of Forewarn, in the words of messages.
fn system_words(id: &str) -> &'static str {
    match id {
        CATCH_ALL => "The catch-all address",
        _ => "Forewarn",
    }
}

/// The state as a tag: its class in the stylesheet, and the word.
pub(crate) const fn tag(state: AlertState) -> (&'static str, &'static str) {
    match state {
        AlertState::Open => ("crit", "open"),
        AlertState::Acknowledged => ("ok", "acknowledged"),
        AlertState::Snoozed => ("soft", "snoozed"),
        AlertState::LetLapse => ("ok", "may lapse"),
        AlertState::Resolved => ("soft", "over"),
    }
}

/// How a cycle ended.
pub(crate) const fn over_words(how: Resolution) -> &'static str {
    match how {
        Resolution::Rotated => "a successor is in use",
        Resolution::Revoked => "it was revoked",
        Resolution::Extended => "its end moved later",
        Resolution::Gone => "its system lists it no more",
        Resolution::Suspended => "its owner is disabled, so it does not work",
        Resolution::Lapsed => "it ended, and everything was said",
        Resolution::Recovered => "what was wrong is right again",
    }
}
