//! One sentence for each thing that can be wrong, or right again.

use app::ports::{CredentialFacts, Item};
use domain::expiry::{AlertKind, Resolution, Step, Subject};
use domain::kernel::{Instant, passed, still_left};
use domain::notice::AudienceRole;

use super::words::plain;

/// The longest name in a sentence, in characters.
const NAME_CHARS: usize = 80;
/// The longest sentence of the organisation's own.
const OWN_CHARS: usize = 300;

/// What the item is about, in a few words: the credential's name, or the subject.
pub(crate) fn name(item: &Item) -> String {
    match (&item.credential, &item.subject) {
        (Some(facts), _) => plain(&facts.name, NAME_CHARS),
        (None, Subject::Credential(id)) => format!("Credential {}", plain(id.as_str(), NAME_CHARS)),
        (None, Subject::Source(id)) => format!("Source {}", plain(id.as_str(), NAME_CHARS)),
        (None, Subject::Channel(id)) => format!("Channel {}", plain(id.as_str(), NAME_CHARS)),
        (None, Subject::Monitor(id)) => match &item.monitor {
            Some(facts) => plain(&facts.name, NAME_CHARS),
            None => format!("Integration {}", plain(id.as_str(), NAME_CHARS)),
        },
        (None, Subject::Review(id)) => {
            let name = id.split_once(':').map_or(id.as_str(), |(name, _)| name);
            format!("Review {}", plain(name, NAME_CHARS))
        }
        (None, Subject::System(what)) if what == "catch-all" => "The catch-all address".to_owned(),
        (None, Subject::System(_)) => "Forewarn".to_owned(),
    }
}

/// The item in one sentence without a full stop, as of `now`.
pub(crate) fn headline(item: &Item, now: Instant) -> String {
    let name = name(item);
    match (item.resolution, item.kind) {
        (Some(_), AlertKind::Vanished) => return format!("{name} lacks nothing any more"),
        (Some(resolution), kind) => return format!("{name} {}", resolved(kind, resolution)),
        (None, _) => {}
    }
    if let Some(own) = &item.own.headline {
        return plain(own, OWN_CHARS);
    }
    match item.kind {
        AlertKind::Expiry => format!("{name} {}", expiry(item, now)),
        AlertKind::UsedAfterEnd => format!("{name} has ended, yet something still uses it"),
        AlertKind::UsedInOverlap => format!("{name} was rotated, yet its old value is still used"),
        AlertKind::Refused => format!("{name} is refused by its issuer and works no longer"),
        AlertKind::FellSilent => format!("{name} was used regularly and is used no longer"),
        AlertKind::Orphaned => format!("{name} has no owner who can act"),
        AlertKind::Unheard => format!("Nobody would hear of the end of {name}"),
        AlertKind::Carried => format!("{name} is a person's, and an integration hangs on it"),
        AlertKind::Blind => format!("{name} cannot be read"),
        AlertKind::Vanished => format!("{name} lacks most of what it had"),
        AlertKind::Undeliverable => match &item.subject {
            Subject::System(what) if what == "catch-all" => format!("{name} cannot be reached"),
            _ => format!("{name} does not deliver"),
        },
        AlertKind::Silent => format!("{name} has fallen silent"),
        AlertKind::ReviewDue => format!("{name} is due"),
        AlertKind::NoWayOut => "Forewarn has no way to reach a person".to_owned(),
        AlertKind::LapsedWhileDown if item.credential.is_some() => {
            format!("{name} ended while Forewarn was down")
        }
        AlertKind::LapsedWhileDown => "Credentials ended while Forewarn was down".to_owned(),
        AlertKind::Stalled => "Warnings do not get through as they should".to_owned(),
    }
}

/// Where a credential is used, in one line: the first five places. Empty when no place
/// is known.
pub(crate) fn places(facts: &CredentialFacts) -> String {
    const SHOWN: usize = 5;
    let mut places: Vec<String> = facts
        .used_by
        .iter()
        .take(SHOWN)
        .map(|place| match &place.team {
            Some(team) => format!("{} (team {})", plain(&place.what, 120), plain(team, 80)),
            None => plain(&place.what, 120),
        })
        .collect();
    let others = facts.used_by.len().saturating_sub(SHOWN);
    if others > 0 {
        places.push(format!("and {others} more"));
    }
    places.join(", ")
}

fn expiry(item: &Item, now: Instant) -> String {
    match item.credential.as_ref().and_then(|facts| facts.expires_at) {
        Some(end) if now < end => format!("ends in {}", still_left(now.until(end))),
        Some(end) => match passed(end.until(now)) {
            Some(ago) => format!("ended {ago} ago"),
            None => "has just ended".to_owned(),
        },
        None if matches!(item.step, Step::End | Step::AfterEnd(_)) => "has ended".to_owned(),
        None => "nears its end".to_owned(),
    }
}

const fn resolved(kind: AlertKind, resolution: Resolution) -> &'static str {
    match (resolution, kind) {
        (Resolution::Rotated, _) => "has been rotated",
        (Resolution::Revoked, _) => "has been revoked",
        (Resolution::Extended, _) => "has been extended",
        (Resolution::Gone, _) => "no longer exists in its system",
        (Resolution::Suspended, _) => "is suspended, as its owner is",
        (Resolution::Lapsed, _) => "has lapsed as announced",
        (Resolution::Recovered, AlertKind::Refused) => "is accepted again",
        (Resolution::Recovered, AlertKind::FellSilent) => "is used again",
        (Resolution::Recovered, AlertKind::Silent) => "is heard again",
        (Resolution::Recovered, AlertKind::Orphaned) => "has an owner who can act again",
        (Resolution::Recovered, AlertKind::Unheard) => "has somebody who hears of its end",
        (Resolution::Recovered, AlertKind::Carried) => "hangs on a person no longer",
        (Resolution::Recovered, AlertKind::ReviewDue) => "is done",
        (Resolution::Recovered, _) => "works again",
    }
}

/// `7 days left`, `ended 2 hours ago`, `has been rotated`: the item's state in a label.
pub(crate) fn remaining_words(item: &Item, now: Instant) -> Option<String> {
    if let Some(resolution) = item.resolution {
        return Some(resolved(item.kind, resolution).to_owned());
    }
    let end = item.credential.as_ref()?.expires_at?;
    Some(match passed(end.until(now)) {
        _ if now < end => format!("{} left", still_left(now.until(end))),
        Some(ago) => format!("ended {ago} ago"),
        None => "just ended".to_owned(),
    })
}

/// Why this person, as the end of "You hear this because …".
pub(crate) const fn because(role: AudienceRole) -> &'static str {
    match role {
        AudienceRole::Owner => "you own it",
        AudienceRole::Team => "your team answers for it",
        AudienceRole::Watcher => "you asked to hear of it",
        AudienceRole::ParentTeam => "your team is above the one that answers for it",
        AudienceRole::Admin => "you administer Forewarn",
        AudienceRole::CatchAll => "this address is the last resort when nobody else can be told",
        AudienceRole::Channel => "this channel is told of it",
        AudienceRole::Pager => "you are on call",
    }
}

/// What to do, first things first; the content's own advice wins.
pub(crate) fn to_do(item: &Item) -> Vec<String> {
    if let Some(resolution) = item.resolution {
        let done = "Nothing is left to do; this is only so that you know.";
        let lapsed = "If something stopped working, issue a new one and tell those who used it.";
        return vec![
            if resolution == Resolution::Lapsed {
                lapsed
            } else {
                done
            }
            .to_owned(),
        ];
    }
    let mut steps: Vec<String> = item.own.advice.iter().map(|a| plain(a, 400)).collect();
    steps.extend(usual(item));
    steps
}

fn usual(item: &Item) -> Vec<String> {
    match &item.credential {
        Some(facts) if matches!(item.kind, AlertKind::Refused | AlertKind::FellSilent) => {
            broken_advice(item.kind, facts)
        }
        Some(facts) if !facts.advice.is_empty() => {
            facts.advice.iter().map(|a| plain(a, 400)).collect()
        }
        Some(facts) => credential_advice(item.kind, facts),
        None => subject_advice(item.kind),
    }
}

fn credential_advice(kind: AlertKind, facts: &CredentialFacts) -> Vec<String> {
    let system = plain(&facts.system, NAME_CHARS);
    let replace = match facts.source.as_str() {
        "forewarn" => {
            "Rotate it: the new value works at once, the old one for a day longer.".to_owned()
        }
        _ => format!("Issue a new one in {system}, before this one ends."),
    };
    let mut advice = vec![replace];
    advice.push(
        "Put the new value wherever the old one is used, then revoke the old one.".to_owned(),
    );
    if facts.last_used_at.is_none() && kind == AlertKind::Expiry {
        advice.push("No use of it is known. If nobody needs it, choose “Let it lapse”.".to_owned());
    }
    if facts.orphaned {
        advice.push("It has no owner who can act: give it one.".to_owned());
    }
    advice
}

/// What is wrong now comes before what its source advises in general.
fn broken_advice(kind: AlertKind, facts: &CredentialFacts) -> Vec<String> {
    let system = plain(&facts.system, NAME_CHARS);
    let first = match kind {
        AlertKind::Refused => [
            format!(
                "Look in {system} who revoked it or took its rights; whatever uses it fails now."
            ),
            "Issue a new one, and put it wherever the old one is used.".to_owned(),
        ],
        _ => [
            "Look whether what uses it still runs.".to_owned(),
            "If nobody needs it any more, revoke it or choose “Let it lapse”.".to_owned(),
        ],
    };
    let own = facts.advice.iter().map(|a| plain(a, 400));
    first.into_iter().chain(own).collect()
}

fn subject_advice(kind: AlertKind) -> Vec<String> {
    let advice = match kind {
        AlertKind::Undeliverable => {
            "Mend the channel and send a test over it. Until then messages take other ways."
        }
        AlertKind::Blind => {
            "Look at the source's last error. Nothing is closed while it cannot be read."
        }
        AlertKind::Vanished => {
            "Look whether it still shows everything. If they are gone indeed, say so with `forewarn source accept`; until then nothing is closed."
        }
        AlertKind::Silent => {
            "Look whether it still runs, and whether what it depends on still works."
        }
        AlertKind::ReviewDue => {
            "Decide about each: keep it, rotate it, let it lapse, or say that it is not yours."
        }
        AlertKind::NoWayOut => "Set up e-mail, and name a catch-all address under `[audience]`.",
        AlertKind::LapsedWhileDown => "Look through what ended, and replace what is still needed.",
        AlertKind::Stalled => {
            "Look at the server's log and at the channels. A restart takes up what waits."
        }
        _ => "Open it and see what is wrong.",
    };
    vec![advice.to_owned()]
}
