//! `/alerts/{id}`: where the links in messages lead: one alert, and how to act on it.
//!
//! Reading it changes nothing, for mail scanners follow every link; somebody who is not
//! signed in learns nothing but what the link itself holds.

use app::alerts::{AlertItem, foresee_alerts, get_alert, which_handled};
use app::people::Names;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::expiry::{Alert, AlertKind, AlertState, escalate};
use domain::kernel::{AlertId, Instant, Span};
use domain::notice::Notice;
use http::StatusCode;

use super::act::SAID;
use super::words::{about, fact, over_words, tag};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::credential::{Line, acts, settled};
use crate::pages::policies::admins;
use crate::pages::tokens::Foresight;
use crate::problem::{Problem, render, sentence};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, Left, Reader, When, plain};
use crate::state::Web;

/// How far ahead is looked.
const AHEAD: Span = Span::days(400);
const TEXT_CHARS: usize = 500;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/alerts/{id}", Needs::Nothing, show)]
}

#[derive(Template)]
#[template(path = "act.html")]
struct ForStrangers {
    noun: &'static str,
    id: String,
    public_url: String,
    commands: Vec<String>,
    next: String,
}

#[derive(Template)]
#[template(path = "alerts/show.html")]
struct AlertPage {
    shell: Shell,
    form: Form,
    id: String,
    name: String,
    what: String,
    href: Option<String>,
    fact: &'static str,
    stands: Stands,
    past: Vec<Line>,
    foresight: Option<Foresight>,
    may: May,
    /// Who hears as an admin.
    admins: String,
}

/// How it stands.
struct Stands {
    /// Whether it is about an end that somebody can move.
    is_end: bool,
    detail: Option<String>,
    tag: (&'static str, &'static str),
    left: Option<Left>,
    ends: Option<When>,
    opened: When,
    heard: Option<When>,
    snoozed_until: Option<When>,
    over: Option<(&'static str, When)>,
}

/// What the reader may do about it now.
struct May {
    handle: bool,
    acknowledge: bool,
    unsnooze: bool,
    lapse: bool,
    escalate: bool,
    /// The last day ignores a snooze, and has no day before it.
    is_last_day: bool,
}

async fn show(
    State(web): State<Web>,
    who: Option<SignedIn>,
    Path(id): Path<String>,
    query: Entries,
) -> Result<Response, Problem> {
    match who {
        None => Ok(for_strangers(&web, Some(id))),
        Some(who) => {
            let said = query.some("said");
            let form = Form::default();
            page(&web, &who, StatusCode::OK, &id, form, said.as_deref()).await
        }
    }
}

/// Where to sign in, and how to do without.
pub(crate) fn for_strangers(web: &Web, id: Option<String>) -> Response {
    // What is no id of ours is not repeated.
    let id = id.map(|id| AlertId::parse(id).map_or_else(|_| "ID".to_owned(), String::from));
    let (commands, next) = match &id {
        Some(id) => {
            let commands = ["ack", "let-lapse"].map(|verb| format!("alert {verb} {id}"));
            (commands.to_vec(), format!("/alerts/{id}"))
        }
        None => {
            let commands = ["alert list", "forecast"].map(str::to_owned);
            (commands.to_vec(), "/alerts".to_owned())
        }
    };
    let page = ForStrangers {
        noun: if id.is_some() {
            "Alert"
        } else {
            "Everything that needs attention"
        },
        id: id.unwrap_or_default(),
        public_url: web.ctx.settings.load().public_url.clone(),
        commands,
        next: Entries::of(&[("next", &next)]).to_query(&[]),
    };
    render(StatusCode::OK, &page)
}

pub(super) async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    id: &str,
    form: Form,
    said: Option<&str>,
) -> Result<Response, Problem> {
    let found = get_alert(&web.ctx, who.principal(), id).await?;
    let item = AlertItem {
        alert: found.alert,
        credential: found.credential,
        monitor: found.monitor,
    };
    let shell = Shell::load(web, who, Place::Alerts, "Alert").await?;
    let names = Names::load(&web.ctx).await?;
    let reader = shell.reader.clone();
    let items = std::slice::from_ref(&item);
    let handled = which_handled(&web.ctx, who.principal(), items).await?;
    let alert = &item.alert;
    let (name, what, href) = about(&item, &names);
    let page = AlertPage {
        id: alert.id.to_string(),
        name,
        what,
        href,
        fact: fact(alert, &reader),
        stands: Stands::of(alert, &reader),
        past: past(alert, &found.notices, &names, &reader),
        foresight: foresight(web, &item, &names, &reader).await?,
        may: May::of(alert, handled.first() == Some(&true), reader.now),
        admins: admins(&web.ctx, &names),
        form,
        shell: shell.said(said, SAID),
    };
    Ok(render(status, &page))
}

impl Stands {
    fn of(alert: &Alert, reader: &Reader) -> Self {
        let state = alert.state(reader.now);
        let snoozed = alert.snoozed.as_ref();
        let snoozed = snoozed.filter(|_| state == AlertState::Snoozed);
        let detail = alert.detail.as_ref();
        Self {
            is_end: alert.kind == AlertKind::Expiry && state != AlertState::Resolved,
            detail: detail.map(|text| sentence(&plain(text, TEXT_CHARS))),
            tag: tag(state),
            left: alert.end.map(|end| reader.left(end)),
            ends: alert.end.map(|end| reader.when(end)),
            opened: reader.when(alert.opened_at),
            heard: alert.heard_at.map(|at| reader.when(at)),
            snoozed_until: snoozed.map(|s| reader.when(s.until)),
            over: alert
                .resolved
                .map(|r| (over_words(r.how), reader.when(r.at))),
        }
    }
}

impl May {
    /// `handled`: whether the reader may do anything about it at all.
    fn of(alert: &Alert, handled: bool, now: Instant) -> Self {
        let state = alert.state(now);
        let left = alert.end.map(|end| now.until(end));
        Self {
            handle: handled && state != AlertState::Resolved,
            acknowledge: state == AlertState::Open,
            unsnooze: state == AlertState::Snoozed,
            lapse: state != AlertState::LetLapse && left.is_some_and(Span::is_positive),
            escalate: escalate(alert, "", None, now).is_ok(),
            is_last_day: left.is_some_and(|left| left <= Span::days(1)),
        }
    }
}

/// What was said of it, and what people did.
fn past(alert: &Alert, notices: &[Notice], names: &Names, reader: &Reader) -> Vec<Line> {
    let mut past = settled(alert, notices, names, reader);
    past.extend(acts(alert, names, reader));
    past.sort_by_key(|line| line.at);
    past
}

/// What will be said of it. That nothing is said any more is worth a word where an end
/// nears, and only there.
async fn foresight(
    web: &Web,
    item: &AlertItem,
    names: &Names,
    reader: &Reader,
) -> Result<Option<Foresight>, Problem> {
    let alert = &item.alert;
    if item.credential.is_none() || alert.state(reader.now) == AlertState::Resolved {
        return Ok(None);
    }
    let mut forecast = foresee_alerts(&web.ctx, std::slice::from_ref(item), AHEAD).await?;
    forecast.notices.retain(|notice| notice.kind == alert.kind);
    let is_worth = alert.kind == AlertKind::Expiry || !forecast.notices.is_empty();
    Ok(is_worth.then(|| Foresight::of(&forecast, names, reader)))
}
