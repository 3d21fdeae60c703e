//! The page itself.

use app::credentials::{Life, life};
use app::people::Names;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::expiry::{self, Alert, AlertKind, AlertState};
use domain::inventory::{Credential, End, State as Standing};
use domain::kernel::{Instant, Span};
use http::StatusCode;

use super::TEXT_CHARS;
use super::act::OWN;
use super::change::stands;
use super::life::{Line, future, past};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::alerts::tag;
use crate::pages::credentials::{SAID, Steps, is_living, left_of, owner_of, use_of};
use crate::pages::offers::Offers;
use crate::problem::{Problem, render};
use crate::shell::{Place, Shell};
use crate::show::{
    Form, Left, NAME_CHARS, Reader, When, count, kind_words, origin_words, owner_words, path_part,
    plain, web_url,
};
use crate::state::Web;

/// So far one looks ahead: as long as a token usually lives.
const AHEAD: Span = Span::days(400);
/// A line of a note is cut at so many characters.
const NOTE_CHARS: usize = 2_000;

#[derive(Template)]
#[template(path = "credential.html")]
struct CredentialPage {
    shell: Shell,
    form: Form,
    id: String,
    path: String,
    name: String,
    origin: String,
    state: &'static str,
    ends: Option<(Left, When)>,
    no_end: &'static str,
    steps: Steps,
    /// Its alert as a tag: its class in the stylesheet, and the word.
    alert: Option<(&'static str, &'static str)>,
    may_handle: bool,
    may_snooze: bool,
    may_escalate: bool,
    may_change: bool,
    own_token: bool,
    works: bool,
    renew: Option<String>,
    advice: Vec<String>,
    /// What is wrong beside its end, and whether another owner would mend it.
    doubts: Vec<(&'static str, bool)>,
    facts: Vec<(&'static str, String)>,
    places: Vec<UsedAt>,
    successor: Option<(String, String)>,
    replaces: Option<(String, String)>,
    /// The note as lines, and who wrote it when.
    note: Option<(Vec<String>, String, When)>,
    /// As it stands in its form.
    note_form: Form,
    past: Vec<Line>,
    future: Vec<Line>,
    unheard: bool,
    offers: Offers,
}

impl CredentialPage {
    /// Whether its alert is in this state.
    fn stands(&self, word: &str) -> bool {
        self.alert.is_some_and(|(_, alert)| alert == word)
    }
}

/// A place that breaks when it lapses.
struct UsedAt {
    what: String,
    url: Option<String>,
    team: String,
}

/// Forms that are shown again with what was typed.
#[derive(Default)]
pub(super) struct Forms {
    pub(super) audience: Option<Form>,
    pub(super) note: Option<Form>,
}

pub(super) async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    query: Entries,
) -> Result<Response, Problem> {
    let said = query.some("said");
    page(
        &web,
        &who,
        &id,
        StatusCode::OK,
        Forms::default(),
        said.as_deref(),
    )
    .await
}

pub(super) async fn page(
    web: &Web,
    who: &SignedIn,
    id: &str,
    status: StatusCode,
    forms: Forms,
    said: Option<&str>,
) -> Result<Response, Problem> {
    let Forms {
        audience: form,
        note: note_form,
    } = forms;
    let life = life(&web.ctx, who.principal(), id, AHEAD).await?;
    let credential = &life.standing.item.credential;
    let name = plain(credential.name.as_str(), NAME_CHARS);
    let shell = Shell::load(web, who, Place::Credentials, &name).await?;
    let names = Names::load(&web.ctx).await?;
    let reader = shell.reader.clone();
    let now = reader.now;
    let alert = life.standing.alert.as_ref();
    let page = CredentialPage {
        form: form.unwrap_or_else(|| stands(credential, &names)),
        id: path_part(credential.id.as_str()),
        path: format!("/credentials/{}", path_part(credential.id.as_str())),
        origin: origin_words(credential.source.as_str(), &credential.kind),
        state: state_words(credential.state(now)),
        ends: to_come(credential, now)
            .map(|end| (left_of(credential, end, &reader), reader.when(end))),
        no_end: match (credential.state(now), credential.end) {
            (Standing::Revoked, _) => "It was revoked.",
            (Standing::Gone, _) => "It is gone from its system.",
            (_, End::Never) => "It has no end.",
            _ => "Nobody knows when it ends.",
        },
        steps: Steps::of(&life.standing),
        alert: alert
            .map(|alert| alert.state(now))
            .filter(|state| *state != AlertState::Resolved)
            .map(tag),
        may_handle: life.may_handle && alert.is_some_and(|a| a.resolved.is_none()),
        // The last day ignores a snooze.
        may_snooze: credential
            .remaining(now)
            .is_some_and(|left| left > Span::days(1)),
        may_escalate: alert.is_some_and(|a| expiry::escalate(a, "", None, now).is_ok()),
        may_change: life.may_change,
        own_token: life.standing.item.token.is_some(),
        works: is_living(credential.state(now)),
        renew: credential.origin_url.as_deref().and_then(web_url),
        advice: texts(&credential.advice),
        doubts: doubts(&life, life.may_change && life.standing.item.token.is_none()),
        facts: facts(&life, &names, &reader),
        places: places(credential),
        successor: life.successor.as_ref().map(linked),
        replaces: life.replaces.as_ref().map(linked),
        note: life.note.as_ref().map(|note| {
            let lines = note.text.lines().map(|line| plain(line, NOTE_CHARS));
            let by = plain(&names.actor(&note.by), NAME_CHARS);
            (lines.collect(), by, reader.when(note.at))
        }),
        note_form: note_form.unwrap_or_else(|| {
            let text = life.note.as_ref().map(|note| note.text.as_str());
            Form::filled(&[("note", text.unwrap_or_default())])
        }),
        past: past(&life, &names, &reader),
        future: future(&life, &names, &reader),
        unheard: !life.forecast.unheard.is_empty(),
        offers: match life.may_change {
            true => Offers::load(web, who).await?,
            false => Offers::default(),
        },
        shell: shell.said(said, SAID).said(said, OWN),
        name,
    };
    Ok(render(status, &page))
}

/// A link to another credential: the end of its path, and its name.
fn linked(credential: &Credential) -> (String, String) {
    let name = plain(credential.name.as_str(), NAME_CHARS);
    (path_part(credential.id.as_str()), name)
}

const fn state_words(state: Standing) -> &'static str {
    match state {
        Standing::Active => "works",
        Standing::Suspended => "suspended, as its owner is",
        Standing::Expired => "ended",
        Standing::Revoked => "revoked",
        Standing::Gone => "gone from its system",
        Standing::UnknownEnd => "works, its end is not known",
    }
}

fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| plain(text, TEXT_CHARS)).collect()
}

/// What is wrong with it beside its end.
fn doubts(life: &Life, may_own: bool) -> Vec<(&'static str, bool)> {
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

/// When it ends, or did; what was revoked or is gone ended otherwise.
pub(super) fn to_come(credential: &Credential, now: Instant) -> Option<Instant> {
    let otherwise = matches!(credential.state(now), Standing::Revoked | Standing::Gone);
    credential.expires_at().filter(|_| !otherwise)
}

fn facts(life: &Life, names: &Names, reader: &Reader) -> Vec<(&'static str, String)> {
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

fn places(credential: &Credential) -> Vec<UsedAt> {
    let place = credential.used_by.iter().map(|place| UsedAt {
        what: plain(&place.what, TEXT_CHARS),
        url: place.url.as_deref().and_then(web_url),
        team: plain(place.team.as_deref().unwrap_or_default(), NAME_CHARS),
    });
    place.collect()
}
