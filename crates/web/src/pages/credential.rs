//! `/credentials/{id}`: the life of one credential, what comes next, who will hear, and
//! what can be done about it.

use app::AppError;
use app::alerts::{acknowledge, let_lapse, snooze, unsnooze};
use app::credentials::{Life, PatchCredential, life, patch_credential};
use app::people::Names;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::expiry::{Alert, AlertKind, AlertState, How, Skipped, Step, Subject};
use domain::inventory::{Credential, End, State as Standing};
use domain::kernel::{CredentialId, Instant, Span};
use domain::notice::{Notice, NoticeState};
use http::StatusCode;

use super::credentials::{SAID, Steps, owner_of, use_of};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render, sentence};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, Left, NAME_CHARS, Reader, When, count, length, path_part, plain, web_url};
use crate::state::Web;

/// So far one looks ahead: as long as a token usually lives.
const AHEAD: Span = Span::days(400);
/// A long text is cut at so many characters.
const TEXT_CHARS: usize = 300;
/// So many lines of a life are shown of what was, and of what comes.
const LINES: usize = 60;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/credentials/{id}", Needs::Session, show),
        Route::post("/credentials/{id}/alert", Needs::Session, handle)
            .takes(&["do", "note", "days"]),
        Route::post("/credentials/{id}", Needs::Session, change).takes(&FIELDS),
    ]
}

const FIELDS: [&str; 4] = ["owner", "team", "watchers", "lead_time"];

#[derive(Template)]
#[template(path = "credential.html")]
struct CredentialPage {
    shell: Shell,
    form: Form,
    id: String,
    path: String,
    name: String,
    source: String,
    kind: String,
    state: &'static str,
    ends: Option<(Left, When)>,
    no_end: &'static str,
    steps: Steps,
    alert: Option<&'static str>,
    may_handle: bool,
    may_snooze: bool,
    may_change: bool,
    own_token: bool,
    renew: Option<String>,
    advice: Vec<String>,
    doubts: Vec<String>,
    facts: Vec<(&'static str, String)>,
    places: Vec<UsedAt>,
    successor: Option<(String, String)>,
    past: Vec<Line>,
    future: Vec<Line>,
    unheard: bool,
}

impl CredentialPage {
    /// Whether its alert is in this state.
    fn stands(&self, word: &str) -> bool {
        self.alert.is_some_and(|alert| alert == word)
    }
}

/// A place that breaks when it lapses.
struct UsedAt {
    what: String,
    url: Option<String>,
    team: String,
}

/// One moment of a life.
pub(super) struct Line {
    pub(super) class: &'static str,
    pub(super) at: Instant,
    pub(super) when: When,
    pub(super) what: String,
    pub(super) more: Vec<String>,
}

async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    query: Entries,
) -> Result<Response, Problem> {
    let said = query.some("said");
    page(&web, &who, &id, StatusCode::OK, None, said.as_deref()).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    id: &str,
    status: StatusCode,
    form: Option<Form>,
    said: Option<&str>,
) -> Result<Response, Problem> {
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
        source: plain(credential.source.as_str(), NAME_CHARS),
        kind: plain(&credential.kind, NAME_CHARS),
        state: state_words(credential.state(now)),
        ends: to_come(credential, now).map(|end| (reader.left(end), reader.when(end))),
        no_end: match (credential.state(now), credential.end) {
            (Standing::Revoked, _) => "It was revoked.",
            (Standing::Gone, _) => "It is gone from its system.",
            (_, End::Never) => "It has no end.",
            _ => "Nobody knows when it ends.",
        },
        steps: Steps::of(&life.standing),
        alert: alert.and_then(|alert| alert_words(alert.state(now))),
        may_handle: life.may_handle && alert.is_some_and(|a| a.resolved.is_none()),
        // The last day ignores a snooze.
        may_snooze: credential
            .remaining(now)
            .is_some_and(|left| left > Span::days(1)),
        may_change: life.may_change,
        own_token: life.standing.item.token.is_some(),
        renew: credential.origin_url.as_deref().and_then(web_url),
        advice: texts(&credential.advice),
        doubts: doubts(&life),
        facts: facts(&life, &names, &reader),
        places: places(credential),
        successor: life.successor.as_ref().map(|next| {
            let name = plain(next.name.as_str(), NAME_CHARS);
            (path_part(next.id.as_str()), name)
        }),
        past: past(&life, &names, &reader),
        future: future(&life, &names, &reader),
        unheard: !life.forecast.unheard.is_empty(),
        shell: shell.said(said, SAID).said(said, OWN),
        name,
    };
    Ok(render(status, &page))
}

/// What an action says afterwards, beside what lists say.
const OWN: &[(&str, &str)] = &[
    ("snoozed", "Snoozed. You hear nothing of it until then."),
    ("woken", "The snooze is taken back."),
    (
        "changed",
        "Changed. Whoever is new hears the current step at once.",
    ),
];

/// The form as things stand.
fn stands(credential: &Credential, names: &Names) -> Form {
    let owner = credential.owner.as_ref().map(|owner| names.written(owner));
    let team = credential
        .team
        .as_ref()
        .map(|t| names.team(t).unwrap_or_else(|| t.to_string()));
    let watchers: Vec<String> = credential
        .watchers
        .iter()
        .map(ToString::to_string)
        .collect();
    let lead = credential.lead_time.map(|span| span.to_string());
    Form::filled(&[
        ("owner", &owner.unwrap_or_default()),
        ("team", &team.unwrap_or_default()),
        ("watchers", &watchers.join(" ")),
        ("lead_time", &lead.unwrap_or_default()),
    ])
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

pub(super) const fn alert_words(state: AlertState) -> Option<&'static str> {
    match state {
        AlertState::Open => Some("open"),
        AlertState::Acknowledged => Some("acknowledged"),
        AlertState::Snoozed => Some("snoozed"),
        AlertState::LetLapse => Some("may lapse"),
        AlertState::Resolved => None,
    }
}

fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| plain(text, TEXT_CHARS)).collect()
}

/// What is wrong with it beside its end.
fn doubts(life: &Life) -> Vec<String> {
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
        Some(what.to_owned())
    };
    open.filter_map(words).collect()
}

/// When it ends, or did; what was revoked or is gone ended otherwise.
fn to_come(credential: &Credential, now: Instant) -> Option<Instant> {
    let otherwise = matches!(credential.state(now), Standing::Revoked | Standing::Gone);
    credential.expires_at().filter(|_| !otherwise)
}

fn facts(life: &Life, names: &Names, reader: &Reader) -> Vec<(&'static str, String)> {
    let credential = &life.standing.item.credential;
    let (_, used) = use_of(credential, reader);
    let nobody = || "nobody".to_owned();
    let team = credential.team.as_ref().and_then(|team| names.team(team));
    let watchers = credential.watchers.iter().map(|w| names.recipient(w));
    let watchers: Vec<String> = watchers.collect();
    let labels = credential.labels.iter().map(|(k, v)| format!("{k}={v}"));
    let labels: Vec<String> = labels.collect();
    let uses = match life.uses {
        0 => used,
        n => format!("{used}, {} counted", count(n, "use")),
    };
    let all = [
        ("Owner", owner_of(credential, names).unwrap_or_else(nobody)),
        ("Team", team.unwrap_or_default()),
        ("Also hear", watchers.join(", ")),
        ("Use", uses),
        ("Roles", credential.roles.join(", ")),
        ("Scopes", credential.scopes.join(" ")),
        ("Labels", labels.join(", ")),
        ("Its issuer's id", credential.external_id.clone()),
    ];
    let some = all.into_iter().filter(|(_, text)| !text.is_empty());
    some.map(|(name, text)| (name, plain(&text, TEXT_CHARS)))
        .collect()
}

fn places(credential: &Credential) -> Vec<UsedAt> {
    let place = credential.used_by.iter().map(|place| UsedAt {
        what: plain(&place.what, TEXT_CHARS),
        url: place.url.as_deref().and_then(web_url),
        team: plain(place.team.as_deref().unwrap_or_default(), NAME_CHARS),
    });
    place.collect()
}

/// What was: issued, used, said, acknowledged.
fn past(life: &Life, names: &Names, reader: &Reader) -> Vec<Line> {
    let credential = &life.standing.item.credential;
    let line = |at: Instant, class, what: &str| Line {
        class,
        at,
        when: reader.when(at),
        what: what.to_owned(),
        more: Vec::new(),
    };
    let mut lines = Vec::new();
    lines.extend(credential.created_at.map(|at| line(at, "", "Issued")));
    if credential.source.as_str() != "forewarn" {
        lines.push(line(credential.first_seen_at, "", "First seen by Forewarn"));
    }
    lines.extend(credential.last_used_at.map(|at| line(at, "", "Last used")));
    lines.extend(credential.revoked_at.map(|at| line(at, "", "Revoked")));
    lines.extend(
        credential
            .gone_at
            .map(|at| line(at, "", "Gone from its system")),
    );
    let ended = credential.expires_at().filter(|end| *end <= reader.now);
    lines.extend(ended.map(|at| line(at, "past", "Ended")));
    if let Some(alert) = &life.standing.alert {
        lines.extend(settled(alert, &life.notices, names, reader));
        lines.extend(acts(alert, names, reader));
    }
    lines.sort_by_key(|line| line.at);
    let cut = lines.len().saturating_sub(LINES);
    lines.split_off(cut)
}

pub(super) fn settled(
    alert: &Alert,
    notices: &[Notice],
    names: &Names,
    reader: &Reader,
) -> Vec<Line> {
    let line = alert.settled.iter().map(|settlement| {
        let said = settlement.how == How::Said;
        let told = notices
            .iter()
            .filter(|n| n.step == settlement.step && n.end == alert.end && n.resolution.is_none());
        let step = step_words(settlement.step);
        let what = match settlement.how {
            How::Said => format!("Said: {step}"),
            How::Skipped(Skipped::Deeper) => {
                format!("Passed over: {step}, for a later one was due")
            }
            How::Skipped(Skipped::Baseline) => {
                format!("Told in one message with the first import: {step}")
            }
            How::Skipped(Skipped::Policy) => format!("Not said, as somebody wished: {step}"),
        };
        Line {
            class: if said { "said-line" } else { "" },
            at: settlement.at,
            when: reader.when(settlement.at),
            what,
            more: told.map(|n| told_words(n, names, reader)).collect(),
        }
    });
    line.collect()
}

/// To whom, over what, and whether it arrived.
fn told_words(notice: &Notice, names: &Names, reader: &Reader) -> String {
    let who = plain(&names.recipient(&notice.recipient), NAME_CHARS);
    let again = match notice.occurrence {
        0 | 1 => String::new(),
        n => format!(" (time {n})"),
    };
    let how = match &notice.state {
        NoticeState::Pending => "on its way".to_owned(),
        NoticeState::Accepted { channel, at, .. } => {
            format!("accepted by {channel} {}", reader.left_words(*at))
        }
        NoticeState::Superseded { .. } => "not sent, for it was no longer true".to_owned(),
        NoticeState::Failed { .. } => "every way failed".to_owned(),
    };
    format!("{who}{again}: {how}")
}

pub(super) fn acts(alert: &Alert, names: &Names, reader: &Reader) -> Vec<Line> {
    let line = |at: Instant, what: String, note: Option<&String>| Line {
        class: "",
        at,
        when: reader.when(at),
        what,
        more: note
            .map(|text| plain(text, TEXT_CHARS))
            .into_iter()
            .collect(),
    };
    let mut lines = Vec::new();
    if let Some(a) = &alert.acknowledged {
        let what = format!("Acknowledged by {}", names.actor(&a.by));
        lines.push(line(a.at, what, a.note.as_ref()));
    }
    if let Some(s) = &alert.snoozed {
        let what = format!(
            "Snoozed by {} until {}",
            names.actor(&s.by),
            reader.day(s.until)
        );
        lines.push(line(s.at, what, None));
    }
    if let Some(l) = &alert.let_lapse {
        let what = format!("May lapse, says {}", names.actor(&l.by));
        lines.push(line(l.at, what, l.reason.as_ref()));
    }
    lines
}

/// What comes: the very notices that will go out, and the end.
fn future(life: &Life, names: &Names, reader: &Reader) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for notice in &life.forecast.notices {
        let who = plain(&names.recipient(&notice.recipient), NAME_CHARS);
        let reason = plain(&notice.reason, NAME_CHARS);
        let told = match &notice.channel {
            Some(channel) => format!("{who} over {channel}: {reason}"),
            None => format!("{who}: no way leads there"),
        };
        let again = match notice.occurrence {
            0 | 1 => String::new(),
            n => format!(", time {n}"),
        };
        let what = format!("{}{again}", capital(&step_words(notice.step)));
        match lines.last_mut() {
            Some(last) if last.at == notice.at && last.what == what => last.more.push(told),
            _ => lines.push(Line {
                class: "next",
                at: notice.at,
                when: reader.when(notice.at),
                what,
                more: vec![told],
            }),
        }
    }
    let credential = &life.standing.item.credential;
    if let Some(end) = to_come(credential, reader.now).filter(|end| *end > reader.now) {
        lines.push(Line {
            class: "end",
            at: end,
            when: reader.when(end),
            what: "It ends".to_owned(),
            more: Vec::new(),
        });
    }
    lines.sort_by_key(|line| line.at);
    lines.truncate(LINES);
    lines
}

pub(super) fn capital(text: &str) -> String {
    let whole = sentence(text);
    whole.trim_end_matches('.').to_owned()
}

/// A step in words.
pub(crate) fn step_words(step: Step) -> String {
    match step {
        Step::Baseline => "first import".to_owned(),
        Step::Lead(span) => format!("{} before the end", length(span)),
        Step::End => "at the end".to_owned(),
        Step::AfterEnd(span) => format!("{} after the end", length(span)),
        Step::Now => "at once".to_owned(),
    }
}

async fn handle(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Redirect, Problem> {
    let unknown = |_| Problem::from(AppError::not_found("this credential"));
    let credential = CredentialId::parse(id.clone()).map_err(unknown)?;
    let alert = Alert::id_of(&Subject::Credential(credential), AlertKind::Expiry).to_string();
    let (ctx, principal, note) = (&web.ctx, who.principal(), entries.some("note"));
    let said = match entries.get("do") {
        "acknowledge" => acknowledge(ctx, principal, &alert, note)
            .await
            .map(|_| "acknowledged"),
        "let-lapse" => let_lapse(ctx, principal, &alert, note)
            .await
            .map(|_| "lapses"),
        "unsnooze" => unsnooze(ctx, principal, &alert).await.map(|_| "woken"),
        "snooze" => {
            let days = entries.get("days").parse::<i64>().unwrap_or(1).clamp(1, 90);
            let until = ctx.now() + Span::days(days);
            snooze(ctx, principal, &alert, until)
                .await
                .map(|_| "snoozed")
        }
        _ => return Err(Problem::unreadable_form()),
    };
    let said = said?;
    Ok(Redirect::to(&format!(
        "/credentials/{}?said={said}",
        path_part(&id)
    )))
}

async fn change(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let again = Form::again(entries.clone());
    let refused = match patch_of(&web, &who, &id, &entries).await {
        Ok(patch) => match patch_credential(&web.ctx, who.principal(), &id, patch, None).await {
            Ok(_) => {
                let path = format!("/credentials/{}?said=changed", path_part(&id));
                return Ok(Redirect::to(&path).into_response());
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    let form = again.refused(refused, &FIELDS)?;
    page(
        &web,
        &who,
        &id,
        StatusCode::UNPROCESSABLE_ENTITY,
        Some(form),
        None,
    )
    .await
}

/// Only what is different, for the owner of our own tokens cannot be given at all.
async fn patch_of(
    web: &Web,
    who: &SignedIn,
    id: &str,
    entries: &Entries,
) -> Result<PatchCredential, AppError> {
    let item = app::credentials::get_credential(&web.ctx, who.principal(), id).await?;
    let names = Names::load(&web.ctx).await?;
    let before = stands(&item.credential, &names);
    let changed =
        |name: &str| (entries.get(name).trim() != before.get(name)).then(|| entries.some(name));
    let lead = match changed("lead_time").flatten() {
        Some(text) => Some(Span::parse(&text).map_err(|e| AppError::invalid("lead_time", e))?),
        None => None,
    };
    let watchers = |text: Option<String>| {
        let text = text.unwrap_or_default();
        text.split_whitespace().map(watcher).collect()
    };
    Ok(PatchCredential {
        owner: changed("owner"),
        team: changed("team"),
        watchers: changed("watchers").map(watchers),
        lead_time: changed("lead_time").map(|_| lead),
        ..PatchCredential::default()
    })
}

/// An address by itself is one.
fn watcher(word: &str) -> String {
    match word.contains('@') && !word.contains(':') {
        true => format!("address:{word}"),
        false => word.to_owned(),
    }
}
