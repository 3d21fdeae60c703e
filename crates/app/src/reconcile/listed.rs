//! A listing shows a credential as it is now.

use domain::inventory::{Credential, End, Listed};
use domain::kernel::{CredentialId, Instant, Name, SourceId};

use super::batch::Desk;

/// Ends that move by less than this are the issuer's rounding, not news.
const ROUNDING: i64 = 60_000_000;

/// The id of what is listed.
pub(super) fn id_of(source: &SourceId, told: &Listed) -> CredentialId {
    Credential::derive_id(
        source,
        told.parent.as_deref(),
        &told.kind,
        &told.external_id,
    )
}

/// Believes the listing, except for what people have set by hand.
pub(super) fn merge(desk: &mut Desk<'_>, told: &Listed) {
    let id = id_of(&desk.source.id, told);
    let known = desk.known.remove(&id);
    let mut credential = known.unwrap_or_else(|| fresh(desk, &id, told));
    describe(&mut credential, told);
    credential.scopes = told.scopes.clone();
    credential.roles = told.roles.clone();
    credential.created_at = told.created_at.or(credential.created_at);
    credential.end = steady(credential.end, told.end);
    credential.last_used_at = credential.last_used_at.max(told.last_used_at);
    credential.use_is_known = told.use_is_known;
    credential.revoked_at = told.revoked_at;
    credential.suspended = told.suspended;
    credential.gone_at = None;
    credential.refused = None;
    credential.advice = told.advice.clone();
    credential.confirmed_at = desk.began;
    desk.dresser.owner(&mut credential, told.owner.clone());
    if desk.dresser.rest(&mut credential, told.own) {
        desk.own = Some(id.clone());
    }
    desk.known.insert(id, credential);
}

/// What it is called, where it is used and where it is renewed. What is not told stays.
pub(super) fn describe(credential: &mut Credential, told: &Listed) {
    if let Some(name) = &told.name {
        credential.name = name.clone();
        credential.name_is_given = true;
    }
    for (key, value) in &told.labels {
        credential.labels.insert(key.clone(), value.clone());
    }
    if !told.used_by.is_empty() {
        credential.used_by = told.used_by.clone();
    }
    if told.origin_url.is_some() {
        credential.origin_url.clone_from(&told.origin_url);
    }
}

/// An end that flickers by seconds stays where it was.
fn steady(known: End, told: End) -> End {
    match (known, told) {
        (End::Known(was), End::Known(is)) if close(was, is) => known,
        _ => told,
    }
}

fn close(a: Instant, b: Instant) -> bool {
    a.until(b).as_micros().abs() < ROUNDING
}

/// Everything that a listing does not say is unknown.
pub(super) fn fresh(desk: &Desk<'_>, id: &CredentialId, told: &Listed) -> Credential {
    Credential {
        id: id.clone(),
        source: desk.source.id.clone(),
        parent: told.parent.clone(),
        external_id: told.external_id.clone(),
        kind: told.kind.clone(),
        name: made_up(&desk.source.system, &told.external_id),
        name_is_given: false,
        owner: None,
        issuer_owner: None,
        team: None,
        watchers: Default::default(),
        scopes: Vec::new(),
        roles: Vec::new(),
        created_at: None,
        end: told.end,
        last_used_at: None,
        use_is_known: false,
        revoked_at: None,
        gone_at: None,
        suspended: false,
        orphaned: true,
        in_overlap: false,
        cut: None,
        successor: None,
        labels: Default::default(),
        used_by: Vec::new(),
        origin_url: None,
        advice: Vec::new(),
        lead_time: None,
        facts: None,
        first_seen_at: desk.now,
        from_first_import: !desk.source.imported,
        refused: None,
        confirmed_at: desk.began,
        version: 0,
    }
}

/// What is called something where the issuer has no name: system and the id's end.
pub(super) fn made_up(system: &str, id: &str) -> Name {
    let from = id.char_indices().rev().nth(7).map_or(0, |(at, _)| at);
    let shown = id.get(from..).unwrap_or(id);
    let mut letters = system.chars();
    let system: String = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    };
    let whole = format!("{system} token …{shown}");
    Name::lossy(&whole).unwrap_or_else(|| unnamed(&system))
}

fn unnamed(system: &str) -> Name {
    match Name::lossy(&format!("{system} token")) {
        Some(name) => name,
        // "token" alone is a name; the loop ends here.
        None => unnamed("unnamed"),
    }
}
