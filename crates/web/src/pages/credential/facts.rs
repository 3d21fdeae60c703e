//! What is known of a credential, and what is wrong with it beside its end.

use app::credentials::Life;
use app::people::Names;
use domain::expiry::{Alert, AlertKind};
use domain::inventory::Credential;

use super::TEXT_CHARS;
use crate::pages::credentials::{owner_of, use_of};
use crate::show::{NAME_CHARS, Reader, count, kind_words, owner_words, plain, web_url};

/// A place that breaks when it lapses.
pub(super) struct UsedAt {
    pub(super) what: String,
    pub(super) url: Option<String>,
    pub(super) team: String,
}

pub(super) fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| plain(text, TEXT_CHARS)).collect()
}

/// What is wrong with it beside its end.
pub(super) fn doubts(life: &Life, may_own: bool) -> Vec<(&'static str, bool)> {
    let open = life.others.iter().filter(|alert| alert.resolved.is_none());
    let words = |alert: &Alert| {
        let what = match alert.kind {
            AlertKind::UsedAfterEnd => "It is still used after its end.",
            AlertKind::UsedInOverlap => "The old value is still used although a new one exists.",
            AlertKind::Refused => "Its issuer refuses it.",
            AlertKind::FellSilent => "It was used regularly, and is used no longer.",
            AlertKind::Orphaned => "Nobody who can act owns it.",
            AlertKind::Unheard => "Nobody would hear of its end.",
            _ => return None,
        };
        Some((what, may_own && alert.kind == AlertKind::Orphaned))
    };
    open.filter_map(words).collect()
}

pub(super) fn facts(life: &Life, names: &Names, reader: &Reader) -> Vec<(&'static str, String)> {
    let credential = &life.standing.item.credential;
    let (_, used) = use_of(credential, reader);
    let owner = owner_of(credential, names).map(|owner| owner_words(owner, credential.orphaned));
    let team = credential.team.as_ref().and_then(|team| names.team(team));
    let watchers = credential.watchers.iter().map(|w| names.recipient(w));
    let watchers: Vec<String> = watchers.collect();
    let labels = credential.labels.iter().map(|(k, v)| format!("{k}={v}"));
    let labels: Vec<String> = labels.collect();
    let uses = match life.uses {
        0 => used,
        n => format!("{used}, {} counted", count(n, "use")),
    };
    let from = life.used_from.map(|from| format!(", last from {from}"));
    let uses = uses + &from.unwrap_or_default();
    let all = [
        ("Owner", owner.unwrap_or_else(|| "nobody".to_owned())),
        ("Team", team.unwrap_or_default()),
        ("Also hear", watchers.join(", ")),
        ("Use", uses),
        ("Roles", credential.roles.join(", ")),
        ("Scopes", credential.scopes.join(" ")),
        ("Labels", labels.join(", ")),
        ("Kind", kind(&credential.kind)),
        ("Its issuer's id", credential.external_id.clone()),
    ];
    let some = all.into_iter().filter(|(_, text)| !text.is_empty());
    some.map(|(name, text)| (name, plain(&text, TEXT_CHARS)))
        .collect()
}

/// In plain words, and as policies name it where that differs.
fn kind(kind: &str) -> String {
    let words = kind_words(kind);
    if words == kind {
        return words;
    }
    format!("{words}; in policies it is written {kind}")
}

pub(super) fn places(credential: &Credential) -> Vec<UsedAt> {
    let place = credential.used_by.iter().map(|place| UsedAt {
        what: plain(&place.what, TEXT_CHARS),
        url: place.url.as_deref().and_then(web_url),
        team: plain(place.team.as_deref().unwrap_or_default(), NAME_CHARS),
    });
    place.collect()
}
