//! From an item of an answer to a credential of the inventory.
//!
//! Pure. Only what is mapped comes through; everything else of the item ends here.

use std::collections::BTreeMap;

use domain::inventory::{End, IssuerOwner, Listed, PlaceOfUse};
use domain::kernel::{Instant, Name};

use super::condition::any;
use super::document::{Document, List, Mapping, OwnerMapping};
use super::expression::{Ending, Expression, Read, View};
use super::pointer::{Pointer, Scope};

/// The longest text that is kept of any field but the name, in characters.
const TEXT_MAX: usize = 500;
/// How many scopes, roles or places of use are kept of one credential.
const LIST_MAX: usize = 500;

/// What became of an item.
pub(super) enum Mapped {
    /// A credential.
    Listed(Box<Listed>),
    /// One whose end cannot be read; it is listed, with an unknown end.
    EndUnreadable(Box<Listed>),
    /// The preset says that it does not count.
    Skipped,
    /// It has no id.
    Unreadable,
}

/// Maps one item.
pub(super) fn map(document: &Document, list: &List, view: &View<'_>, now: Instant) -> Mapped {
    let mapping = &list.map;
    if any(&mapping.skip_when, view, now) {
        return Mapped::Skipped;
    }
    let Some(external_id) = mapping.external_id.text(view) else {
        return Mapped::Unreadable;
    };
    let told = mapping.expires.as_ref().map(|ending| ending.end(view));
    let (end, readable) = match told {
        Some(Read::Told(end)) => (end, true),
        Some(Read::Rubbish) => (End::Unknown, false),
        None => (End::Unknown, true),
    };
    let created_at = mapping
        .created
        .as_ref()
        .and_then(|created| created.instant(view));
    if lives_too_short(mapping, created_at, end) {
        return Mapped::Skipped;
    }
    let listed = Listed {
        external_id: short(external_id),
        parent: mapping
            .parent
            .as_ref()
            .and_then(|p| p.text(view))
            .map(short),
        end,
        created_at,
        ..bare(document, list, view, now)
    };
    let boxed = Box::new(listed);
    if readable {
        Mapped::Listed(boxed)
    } else {
        Mapped::EndUnreadable(boxed)
    }
}

/// Everything but id, beginning and end.
pub(super) fn bare(document: &Document, list: &List, view: &View<'_>, now: Instant) -> Listed {
    let mapping = &list.map;
    let holds = |conditions| any(conditions, view, now);
    let texts = |one: &Option<Expression>| {
        let all = one.as_ref().map(|one| one.texts(view)).unwrap_or_default();
        all.into_iter()
            .take(LIST_MAX)
            .map(short)
            .collect::<Vec<_>>()
    };
    let places = texts(&mapping.used_by).into_iter().map(|what| PlaceOfUse {
        what,
        url: None,
        team: None,
    });
    Listed {
        external_id: String::new(),
        parent: None,
        kind: kind(list, view),
        name: mapping
            .name
            .as_ref()
            .and_then(|name| name.text(view))
            .and_then(|name| Name::lossy(&name)),
        owner: owner(&mapping.owner, view),
        scopes: texts(&mapping.scopes),
        roles: texts(&mapping.roles),
        created_at: None,
        end: End::Unknown,
        last_used_at: mapping
            .last_used
            .as_ref()
            .and_then(|used| used.instant(view)),
        use_is_known: mapping.use_is_known.unwrap_or(mapping.last_used.is_some()),
        revoked_at: revoked_at(mapping, view, holds(&mapping.revoked_when), now),
        suspended: holds(&mapping.suspended_when),
        labels: labels(mapping, view),
        used_by: places.collect(),
        origin_url: renew_url(document, list, view),
        advice: document
            .advice
            .iter()
            .chain(&list.advice)
            .cloned()
            .collect(),
        own: false,
    }
}

fn kind(list: &List, view: &View<'_>) -> String {
    let told = list.map.kind.as_ref().and_then(|kind| kind.text(view));
    told.or_else(|| list.kind.clone())
        .map(short)
        .unwrap_or_default()
}

fn owner(mapping: &OwnerMapping, view: &View<'_>) -> Option<IssuerOwner> {
    let text = |one: &Option<Expression>| one.as_ref().and_then(|one| one.text(view)).map(short);
    let (id, name, email) = (text(&mapping.id), text(&mapping.name), text(&mapping.email));
    let id = id.or_else(|| email.clone()).or_else(|| name.clone())?;
    Some(IssuerOwner { id, name, email })
}

/// When it was revoked. An issuer that only says *that* it was: now, which the inventory
/// keeps once it has heard it.
fn revoked_at(
    mapping: &Mapping,
    view: &View<'_>,
    is_revoked: bool,
    now: Instant,
) -> Option<Instant> {
    let told = mapping.revoked_at.as_ref().and_then(|at| at.instant(view));
    told.or_else(|| is_revoked.then_some(now))
}

fn labels(mapping: &Mapping, view: &View<'_>) -> BTreeMap<String, String> {
    let told = mapping.labels.iter().filter_map(|(name, one)| {
        let texts = one.texts(view);
        (!texts.is_empty()).then(|| (name.clone(), short(texts.join(", "))))
    });
    let mut labels: BTreeMap<_, _> = told.collect();
    let mut mark = |is: fn(&Ending) -> bool, value: &str| {
        if mapping.expires.as_ref().is_some_and(is) {
            labels.insert("end".to_owned(), value.to_owned());
        }
    };
    mark(|ending| ending.derived, "derived");
    mark(|ending| ending.moves, "moves with use");
    labels
}

fn renew_url(document: &Document, list: &List, view: &View<'_>) -> Option<String> {
    let mapped = list.map.renew_url.as_ref().and_then(|url| url.text(view));
    let template = list.renew_url.as_ref().or(document.renew_url.as_ref());
    let url = mapped.or_else(|| template.and_then(|template| template.link(&view.env).ok()))?;
    // Where people are sent is never a script or a file.
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web.then(|| short(url))
}

fn lives_too_short(mapping: &Mapping, created: Option<Instant>, end: End) -> bool {
    match (mapping.lives_at_least, created, end) {
        (Some(least), Some(created), End::Known(end)) => created.until(end) < least,
        _ => false,
    }
}

/// Cuts a text to what is kept of any field.
pub(super) fn short(text: String) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((at, _)) => text.get(..at).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// What a person is shown of an item: each mapped place with its value, and the names of
/// the fields that are left out.
pub(super) fn shown(list: &List, scope: &Scope<'_>) -> (Vec<(String, String)>, Vec<String>) {
    let pointers = list.map.pointers();
    let mut raw = Vec::new();
    for pointer in &pointers {
        if let Some(value) = pointer.find(scope) {
            raw.push((pointer.as_str().to_owned(), short(value.to_string())));
        }
    }
    let is_mapped = |key: &&String| {
        let at = format!("/{key}");
        let below = format!("/{key}/");
        let is = |p: &&Pointer| {
            let text = p.as_str();
            text == at || text.starts_with(&below) || text.starts_with(&format!("{at}["))
        };
        pointers.iter().any(is)
    };
    let keys = scope
        .item
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys());
    (raw, keys.filter(|key| !is_mapped(key)).cloned().collect())
}

impl Mapping {
    /// The places that it shows, each once.
    fn pointers(&self) -> Vec<&Pointer> {
        let optional = [
            &self.parent,
            &self.kind,
            &self.name,
            &self.owner.id,
            &self.owner.name,
            &self.owner.email,
            &self.scopes,
            &self.roles,
            &self.used_by,
        ];
        let timed = [&self.created, &self.last_used, &self.revoked_at];
        let expressions = std::iter::once(&self.external_id)
            .chain(optional.into_iter().flatten())
            .chain(timed.into_iter().flatten().map(|timed| &timed.expression))
            .chain(self.expires.iter().map(|ending| &ending.timed.expression))
            .chain(self.labels.values())
            .chain(self.revoked_when.iter().map(|condition| &condition.of))
            .chain(self.suspended_when.iter().map(|condition| &condition.of));
        let mut found: Vec<&Pointer> = Vec::new();
        for expression in expressions {
            for pointer in expression.all_pointers() {
                if !found.contains(&pointer) {
                    found.push(pointer);
                }
            }
        }
        found
    }
}
