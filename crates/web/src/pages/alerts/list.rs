//! `/alerts`: the inbox: what needs somebody, what was done about it, what comes next.

use app::alerts::{AlertItem, foresee_alerts, list_alerts, which_handled};
use app::people::Names;
use app::ports::{AlertFilter, Cursor, PageRequest};
use app::sweep::{Forecast, Foreseen};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::expiry::{Alert, AlertState, Step};
use domain::kernel::{Instant, Span};
use http::StatusCode;

use super::act::SAID;
use super::words::{KINDS, about, fact, kind_words, tag};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::credential::{capital, notice_words};
use crate::pages::mine::close;
use crate::pages::policies::admins;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, Left, NAME_CHARS, Reader, When, owner_words, plain};
use crate::state::Web;

/// Rows of a page.
const ROWS: u32 = 50;
/// How far ahead is looked for what comes next; the words name it.
const AHEAD: Span = Span::days(40);

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/alerts", Needs::Nothing, show)]
}

#[derive(Template)]
#[template(path = "alerts/list.html")]
struct Inbox {
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    kinds: Vec<(&'static str, &'static str)>,
    any_handled: bool,
    back: String,
    next: Option<String>,
    narrowed: bool,
    /// Whether alerts of others are seen too.
    sees_all: bool,
    /// Who hears as an admin.
    admins: String,
}

impl Inbox {
    fn is(&self, name: &str, value: &str) -> bool {
        self.form.get(name) == value
    }
}

struct Row {
    id: String,
    name: String,
    what: String,
    fact: &'static str,
    left: Option<Left>,
    when: Option<When>,
    owner: Option<String>,
    tag: (&'static str, &'static str),
    is_open: bool,
    /// Whether somebody heard the current step.
    heard: Option<When>,
    /// Until when it is snoozed.
    until: Option<When>,
    /// What will be said next, and when where that is known.
    next: (String, Option<When>),
    handled: bool,
}

async fn show(
    State(web): State<Web>,
    who: Option<SignedIn>,
    query: Entries,
) -> Result<Response, Problem> {
    let Some(who) = who else {
        return Ok(super::show::for_strangers(&web, None));
    };
    let shell = Shell::load(&web, &who, Place::Alerts, "Alerts").await?;
    let page = PageRequest {
        limit: ROWS,
        after: query.some("after").map(Cursor),
    };
    let sees = match query.get("whose") {
        "mine" => &close(&who),
        _ => who.principal(),
    };
    let found = list_alerts(&web.ctx, sees, wanted(&query), &page).await?;
    let handled = which_handled(&web.ctx, who.principal(), &found.items).await?;
    let forecast = foresee_alerts(&web.ctx, &found.items, AHEAD).await?;
    let names = Names::load(&web.ctx).await?;
    let mut each: Vec<_> = found.items.iter().zip(&handled).collect();
    each.sort_by_key(|(item, _)| urgency(&item.alert, shell.reader.now));
    let rows: Vec<Row> = each
        .into_iter()
        .map(|(item, handled)| row(item, *handled, &forecast, &names, &shell.reader))
        .collect();
    let own = query.to_query(&["after", "said"]);
    let next = found.next.map(|cursor| {
        let more = Entries::of(&[("after", &cursor.0)]).to_query(&[]);
        let joint = if own.is_empty() { "" } else { "&" };
        format!("/alerts?{own}{joint}{more}")
    });
    let back = query.to_query(&["said"]);
    let page = Inbox {
        any_handled: rows.iter().any(|row| row.handled),
        rows,
        kinds: KINDS.map(|kind| (kind.as_str(), kind_words(kind))).to_vec(),
        back: match back.as_str() {
            "" => "/alerts".to_owned(),
            query => format!("/alerts?{query}"),
        },
        next,
        narrowed: !own.is_empty(),
        sees_all: who.principal().holds("alerts:read"),
        admins: admins(&web.ctx, &names),
        shell: shell.said(query.some("said").as_deref(), SAID),
        form: Form::again(query),
    };
    Ok(render(StatusCode::OK, &page))
}

/// Where an alert stands on its page: what nobody took on first, then the nearest end. What
/// is over stays as it came, the newest first.
fn urgency(alert: &Alert, now: Instant) -> (u8, bool, Option<Instant>) {
    match alert.state(now) {
        AlertState::Open => (0, alert.end.is_none(), alert.end),
        AlertState::Resolved => (2, false, None),
        _ => (1, alert.end.is_none(), alert.end),
    }
}

/// What the address asks for; a word that is none narrows nothing.
fn wanted(query: &Entries) -> AlertFilter {
    let states = [
        AlertState::Open,
        AlertState::Acknowledged,
        AlertState::Snoozed,
        AlertState::LetLapse,
        AlertState::Resolved,
    ];
    let state = states
        .into_iter()
        .find(|s| s.as_str() == query.get("state"));
    AlertFilter {
        states: state.into_iter().collect(),
        kind: KINDS.into_iter().find(|k| k.as_str() == query.get("kind")),
        with_resolved: query.get("state") == "any",
        ..AlertFilter::default()
    }
}

fn row(
    item: &AlertItem,
    handled: bool,
    forecast: &Forecast,
    names: &Names,
    reader: &Reader,
) -> Row {
    let alert = &item.alert;
    let state = alert.state(reader.now);
    let (name, what, _) = about(item, names);
    let own = item.credential.as_ref();
    let owner = own
        .and_then(|c| c.owner.as_ref())
        .and_then(|o| names.owner(o));
    let coming = forecast.notices.iter();
    let coming = coming
        .filter(|n| n.kind == alert.kind && own.is_some_and(|c| c.id == n.credential))
        .find(|n| n.at > reader.now);
    let snoozed = alert.snoozed.as_ref();
    let snoozed = snoozed.filter(|_| state == AlertState::Snoozed);
    Row {
        id: alert.id.to_string(),
        name,
        what,
        fact: fact(alert, reader),
        left: alert.end.map(|end| reader.left(end)),
        when: alert.end.map(|end| reader.when(end)),
        owner: owner.map(|owner| {
            let orphaned = own.is_some_and(|c| c.orphaned);
            owner_words(plain(&owner, NAME_CHARS), orphaned)
        }),
        tag: tag(state),
        is_open: state == AlertState::Open,
        heard: alert.heard_at.map(|at| reader.when(at)),
        until: snoozed.map(|snoozed| reader.when(snoozed.until)),
        next: match coming {
            Some(notice) => (next_words(notice), Some(reader.when(notice.at))),
            None => (nothing_words(state, own.is_some()).to_owned(), None),
        },
        handled: handled && state != AlertState::Resolved,
    }
}

fn next_words(notice: &Foreseen) -> String {
    match notice.step {
        // What is wrong stands beside the name already.
        Step::Now => "Said again".to_owned(),
        _ => capital(&notice_words(notice)),
    }
}

/// What comes where no notice is foreseen. Notices are foreseen of credentials only; what is
/// wrong elsewhere is said again until somebody acts.
const fn nothing_words(state: AlertState, is_foreseen: bool) -> &'static str {
    match state {
        AlertState::Resolved => "Nothing: it is over",
        _ if is_foreseen => "Nothing more is foreseen",
        AlertState::Open => "Said again until somebody acts",
        AlertState::Snoozed => "Nothing until the snooze ends",
        AlertState::Acknowledged | AlertState::LetLapse => "Nothing until it is right again",
    }
}
