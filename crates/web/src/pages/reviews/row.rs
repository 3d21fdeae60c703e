//! A credential of a review: what helps to decide, and what was decided.

use app::people::Names;
use domain::expiry::{Decided, Decision};
use domain::inventory::{Credential, End};
use domain::kernel::Span;

use crate::entries::Entries;
use crate::pages::credentials::{left_of, owner_of, use_of};
use crate::show::{Left, NAME_CHARS, Reader, When, origin_words, path_part, plain};

/// What was not used for so long is hardly needed.
const UNUSED: Span = Span::days(90);
/// So many scopes are named.
const SCOPES: usize = 6;
const TEXT_CHARS: usize = 300;

/// Each decision, as the form writes it, and in words.
pub(super) const DECISIONS: [(Decision, &str, &str); 4] = [
    (Decision::Keep, "keep", "Keep"),
    (Decision::Rotate, "rotate", "Rotate"),
    (Decision::LetLapse, "let-lapse", "Let lapse"),
    (Decision::NotOurs, "not-ours", "Not ours"),
];

pub(super) fn word(decision: Decision) -> &'static str {
    let found = DECISIONS.iter().find(|(own, ..)| *own == decision);
    found.map_or("", |(_, word, _)| word)
}

pub(super) fn decision(text: &str) -> Option<Decision> {
    let found = DECISIONS.iter().find(|(_, word, _)| *word == text);
    found.map(|(decision, ..)| *decision)
}

/// A credential of a review.
pub(super) struct Row {
    pub(super) raw_id: String,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) what: String,
    pub(super) owner: Option<String>,
    pub(super) left: Option<Left>,
    pub(super) when: Option<When>,
    pub(super) no_end: &'static str,
    pub(super) age: String,
    pub(super) used_by: String,
    pub(super) used: String,
    pub(super) unused: bool,
    pub(super) scopes: String,
    /// What the form stands at: what was typed, or else what was decided.
    pub(super) chosen: String,
    pub(super) note: String,
    /// The note that was kept, for whoever only reads.
    pub(super) kept: String,
    pub(super) decided: Option<(String, When)>,
    /// Where it is rotated, if that was decided and is ours to do.
    pub(super) rotate: Option<String>,
}

impl Row {
    /// Whether a choice is the one that stands.
    pub(super) fn is(&self, word: &str) -> bool {
        self.chosen == word
    }

    pub(super) fn of(
        (credential, decided): &(Credential, Option<Decided>),
        typed: Option<&Typed>,
        names: &Names,
        reader: &Reader,
    ) -> Self {
        let (used_by, used) = use_of(credential, reader);
        let stands = decided.as_ref().map_or("", |d| word(d.decision));
        let note = decided.as_ref().and_then(|d| d.note.clone());
        let end = credential.expires_at();
        let part = path_part(credential.id.as_str());
        let own = credential.source.as_str() == "forewarn";
        Self {
            raw_id: credential.id.to_string(),
            href: format!("/credentials/{part}"),
            name: plain(credential.name.as_str(), NAME_CHARS),
            what: origin_words(credential.source.as_str(), &credential.kind),
            owner: owner_of(credential, names),
            left: end.map(|at| left_of(credential, at, reader)),
            when: end.map(|at| reader.when(at)),
            no_end: match credential.end {
                End::Never => "has no end",
                _ => "nobody knows when",
            },
            age: match credential.created_at {
                Some(at) => format!("issued {}", reader.left_words(at)),
                None => format!("first seen {}", reader.left_words(credential.first_seen_at)),
            },
            used_by,
            used,
            unused: is_unused(credential, reader),
            scopes: scopes(credential),
            chosen: typed.map_or_else(|| stands.to_owned(), |t| t.decision.clone()),
            kept: plain(note.as_deref().unwrap_or_default(), TEXT_CHARS),
            note: typed.map_or_else(|| note.unwrap_or_default(), |t| t.note.clone()),
            decided: decided
                .as_ref()
                .map(|d| (decider(&d.by, names), reader.when(d.at))),
            rotate: (own && stands == "rotate").then(|| format!("/tokens/{part}/rotate")),
        }
    }
}

/// Who decided; what nobody did by hand was done by Forewarn.
fn decider(by: &str, names: &Names) -> String {
    match by {
        "system" => "Forewarn".to_owned(),
        somebody => plain(&names.actor(somebody), NAME_CHARS),
    }
}

fn is_unused(credential: &Credential, reader: &Reader) -> bool {
    let since = match credential.last_used_at {
        Some(at) => at,
        None if credential.use_is_known => credential.first_seen_at,
        None => return false,
    };
    since.until(reader.now) >= UNUSED
}

/// What it opens: scopes and roles, the first few of them.
fn scopes(credential: &Credential) -> String {
    let all: Vec<&String> = credential.roles.iter().chain(&credential.scopes).collect();
    let few: Vec<&str> = all.iter().take(SCOPES).map(|text| text.as_str()).collect();
    let more = match all.len().saturating_sub(SCOPES) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    plain(&format!("{}{more}", few.join(", ")), TEXT_CHARS)
}

/// What somebody chose for one credential.
pub(super) struct Typed {
    pub(super) credential: String,
    pub(super) decision: String,
    pub(super) note: String,
}

/// The rows of the form: each has its credential, its choice and its note, in this order.
pub(super) fn typed(entries: &Entries) -> Vec<Typed> {
    let (decisions, notes) = (entries.all("decision"), entries.all("note"));
    let ids = entries.all("credential").into_iter();
    let rows = ids.zip(decisions).zip(notes);
    rows.map(|((credential, decision), note)| Typed {
        credential,
        decision,
        note: note.trim().to_owned(),
    })
    .collect()
}
