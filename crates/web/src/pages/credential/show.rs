//! The page itself.

use app::credentials::{Life, life};
use app::monitors::list_monitors;
use app::people::Names;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::expiry::{self, AlertState};
use domain::inventory::{Credential, End, State as Standing};
use domain::kernel::{Instant, Span};
use http::StatusCode;

use super::act::OWN;
use super::change::stands;
use super::facts::{UsedAt, doubts, facts, places, texts};
use super::life::{Line, future, past};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::alerts::tag;
use crate::pages::credentials::{SAID, Steps, is_living, left_of};
use crate::pages::offers::Offers;
use crate::pages::policies::admins;
use crate::problem::{Problem, render};
use crate::shell::{Place, Shell};
use crate::show::{Form, Left, NAME_CHARS, Reader, When, origin_words, path_part, plain, web_url};
use crate::state::Web;

/// So far one looks ahead: as long as a token usually lives.
const AHEAD: Span = Span::days(400);
/// A line of a note is cut at so many characters.
const NOTE_CHARS: usize = 2_000;
/// So many monitors are named.
const MONITORS: usize = 3;

#[derive(Template)]
#[template(path = "credential.html")]
struct CredentialPage {
    shell: Shell,
    about: About,
    form: Form,
    /// The note as it stands in its form.
    note_form: Form,
    may: May,
    /// The monitors that need it: the path of each, and its name.
    monitors: Vec<(String, String)>,
    /// Who hears as an admin.
    admins: String,
    offers: Offers,
}

impl CredentialPage {
    /// Whether its alert is in this state.
    fn stands(&self, word: &str) -> bool {
        self.about.alert.is_some_and(|(_, alert)| alert == word)
    }
}

/// The credential itself.
struct About {
    id: String,
    path: String,
    name: String,
    origin: String,
    state: &'static str,
    end: TheEnd,
    /// Its alert as a tag: its class in the stylesheet, and the word.
    alert: Option<(&'static str, &'static str)>,
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
    past: Vec<Line>,
    future: Vec<Line>,
    unheard: bool,
}

/// When it ends, or did; or why no end is to come.
struct TheEnd {
    at: Option<(Left, When)>,
    none: &'static str,
    steps: Steps,
}

/// What the reader may do with it now.
struct May {
    handle: bool,
    snooze: bool,
    escalate: bool,
    change: bool,
    /// It is a token of ours: it has a page of its own where it is rotated and revoked.
    rotate: bool,
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
    let life = life(&web.ctx, who.principal(), id, AHEAD).await?;
    let credential = &life.standing.item.credential;
    let name = plain(credential.name.as_str(), NAME_CHARS);
    let shell = Shell::load(web, who, Place::Credentials, &name).await?;
    let names = Names::load(&web.ctx).await?;
    let may = May::of(&life, shell.reader.now);
    let page = CredentialPage {
        about: About::of(&life, &names, &shell.reader),
        form: forms.audience.unwrap_or_else(|| stands(credential, &names)),
        note_form: forms.note.unwrap_or_else(|| note_form(&life)),
        monitors: monitors(web, who, credential).await?,
        admins: admins(&web.ctx, &names),
        offers: match may.change {
            true => Offers::load(web, who).await?,
            false => Offers::default(),
        },
        may,
        shell: shell.said(said, SAID).said(said, OWN),
    };
    Ok(render(status, &page))
}

impl May {
    fn of(life: &Life, now: Instant) -> Self {
        let alert = life.standing.alert.as_ref();
        let left = life.standing.item.credential.remaining(now);
        Self {
            handle: life.may_handle && alert.is_some_and(|a| a.resolved.is_none()),
            // The last day ignores a snooze.
            snooze: left.is_some_and(|left| left > Span::days(1)),
            escalate: alert.is_some_and(|a| expiry::escalate(a, "", None, now).is_ok()),
            change: life.may_change,
            rotate: life.standing.item.token.is_some(),
        }
    }
}

impl TheEnd {
    fn of(life: &Life, reader: &Reader) -> Self {
        let credential = &life.standing.item.credential;
        Self {
            at: to_come(credential, reader.now)
                .map(|end| (left_of(credential, end, reader), reader.when(end))),
            none: match (credential.state(reader.now), credential.end) {
                (Standing::Revoked, _) => "It was revoked.",
                (Standing::Gone, _) => "It is gone from its system.",
                (_, End::Never) => "It has no end.",
                _ => "Nobody knows when it ends.",
            },
            steps: Steps::of(&life.standing),
        }
    }
}

impl About {
    fn of(life: &Life, names: &Names, reader: &Reader) -> Self {
        let credential = &life.standing.item.credential;
        let state = credential.state(reader.now);
        let alert = life.standing.alert.as_ref();
        let alert = alert.map(|alert| alert.state(reader.now));
        let path = path_part(credential.id.as_str());
        let elsewhere = life.standing.item.token.is_none();
        Self {
            path: format!("/credentials/{path}"),
            id: path,
            name: plain(credential.name.as_str(), NAME_CHARS),
            origin: origin_words(credential.source.as_str(), &credential.kind),
            state: state_words(state),
            end: TheEnd::of(life, reader),
            alert: alert.filter(|a| *a != AlertState::Resolved).map(tag),
            works: is_living(state),
            renew: credential.origin_url.as_deref().and_then(web_url),
            advice: texts(&credential.advice),
            doubts: doubts(life, life.may_change && elsewhere),
            facts: facts(life, names, reader),
            places: places(credential),
            successor: life.successor.as_ref().map(linked),
            replaces: life.replaces.as_ref().map(linked),
            note: note(life, names, reader),
            past: past(life, names, reader),
            future: future(life, names, reader),
            unheard: !life.forecast.unheard.is_empty(),
        }
    }
}

fn note(life: &Life, names: &Names, reader: &Reader) -> Option<(Vec<String>, String, When)> {
    let note = life.note.as_ref()?;
    let lines = note.text.lines().map(|line| plain(line, NOTE_CHARS));
    let by = plain(&names.actor(&note.by), NAME_CHARS);
    Some((lines.collect(), by, reader.when(note.at)))
}

fn note_form(life: &Life) -> Form {
    let text = life.note.as_ref().map(|note| note.text.as_str());
    Form::filled(&[("note", text.unwrap_or_default())])
}

/// The monitors that need it, as far as the reader may see them.
async fn monitors(
    web: &Web,
    who: &SignedIn,
    credential: &Credential,
) -> Result<Vec<(String, String)>, Problem> {
    let all = list_monitors(&web.ctx, who.principal()).await?;
    let all = all.into_iter().map(|item| item.monitor);
    let needing = all.filter(|monitor| monitor.depends_on.contains(&credential.id));
    let told = needing.map(|monitor| {
        let path = format!("/monitors/{}", path_part(monitor.id.as_str()));
        (path, plain(monitor.name.as_str(), NAME_CHARS))
    });
    Ok(told.take(MONITORS).collect())
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

/// When it ends, or did; what was revoked or is gone ended otherwise.
pub(super) fn to_come(credential: &Credential, now: Instant) -> Option<Instant> {
    let otherwise = matches!(credential.state(now), Standing::Revoked | Standing::Gone);
    credential.expires_at().filter(|_| !otherwise)
}
