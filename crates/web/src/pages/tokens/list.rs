//! `/tokens`: the tokens one may see, soonest end first.

use app::people::Names;
use app::ports::{CredentialFilter, CredentialSort, Cursor, PageRequest};
use app::tokens::{TokenItem, list_tokens};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::inventory::State as Standing;
use domain::kernel::Span;
use http::StatusCode;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::credentials::left_of;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, Left, NAME_CHARS, Reader, When, plain};
use crate::state::Web;

/// Rows of a page.
const ROWS: u32 = 50;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/tokens", Needs::Session, show)]
}

#[derive(Template)]
#[template(path = "tokens/list.html")]
struct Tokens {
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    may_issue: bool,
    next: Option<String>,
    narrowed: bool,
}

impl Tokens {
    fn is(&self, name: &str, value: &str) -> bool {
        self.form.get(name) == value
    }
}

struct Row {
    id: String,
    name: String,
    roles: String,
    left: Option<Left>,
    when: Option<When>,
    owner: Option<String>,
    team: Option<String>,
    used: Option<When>,
    tag: Option<(&'static str, &'static str)>,
}

async fn show(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Integrations, "API tokens").await?;
    let (filter, form) = wanted(&query, &shell.reader);
    let page = PageRequest {
        limit: ROWS,
        after: query.some("after").map(Cursor),
    };
    let found = list_tokens(&web.ctx, who.principal(), filter, &page).await?;
    let names = Names::load(&web.ctx).await?;
    let rows = found.items.iter();
    let own = query.to_query(&["after"]);
    let next = found.next.map(|cursor| {
        let more = Entries::of(&[("after", &cursor.0)]).to_query(&[]);
        let joint = if own.is_empty() { "" } else { "&" };
        format!("/tokens?{own}{joint}{more}")
    });
    let page = Tokens {
        rows: rows.map(|item| row(item, &names, &shell.reader)).collect(),
        may_issue: who.principal().holds("tokens:issue"),
        narrowed: !own.is_empty(),
        next,
        form,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the address asks for, in the words of the API.
fn wanted(query: &Entries, reader: &Reader) -> (CredentialFilter, Form) {
    let mut form = Form::again(query.clone());
    let states = match query.get("state") {
        "" => vec![Standing::Active, Standing::Suspended, Standing::UnknownEnd],
        "any" => Vec::new(),
        word => word.parse().into_iter().collect(),
    };
    let mut filter = CredentialFilter {
        name: query.some("name"),
        role: query.some("role"),
        states,
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    match query.some("expires_within").map(|text| Span::parse(&text)) {
        None => {}
        Some(Ok(span)) if span.is_positive() => {
            filter.states = vec![Standing::Active];
            filter.expires_after = Some(reader.now);
            // What ends with the span is inside it.
            filter.expires_before = Some(reader.now + span + Span::from_micros(1));
        }
        Some(_) => form = form.with("expires_within", "a span such as 30d is wanted"),
    }
    (filter, form)
}

fn row(item: &TokenItem, names: &Names, reader: &Reader) -> Row {
    let credential = &item.credential;
    let short = |text: String| plain(&text, NAME_CHARS);
    let owner = credential.owner.as_ref().and_then(|o| names.owner(o));
    let team = credential.team.as_ref().and_then(|t| names.team(t));
    let roles = match credential.roles.len() {
        0 if credential.scopes.is_empty() => "nothing".to_owned(),
        0 => plain(&credential.scopes.join(", "), NAME_CHARS),
        _ => plain(&credential.roles.join(", "), NAME_CHARS),
    };
    Row {
        id: item.token.id.to_string(),
        name: plain(credential.name.as_str(), NAME_CHARS),
        roles,
        left: credential
            .expires_at()
            .map(|end| left_of(credential, end, reader)),
        when: credential.expires_at().map(|end| reader.when(end)),
        owner: owner.map(short),
        team: team.map(short),
        used: credential.last_used_at.map(|at| reader.when(at)),
        tag: tag(item, reader),
    }
}

/// What is not plain from the rest of a row: its shape in the stylesheet, and the word.
pub(super) fn tag(item: &TokenItem, reader: &Reader) -> Option<(&'static str, &'static str)> {
    match item.credential.state(reader.now) {
        Standing::Revoked => Some(("soft", "revoked")),
        Standing::Expired => Some(("crit", "expired")),
        Standing::Suspended => Some(("warn", "suspended")),
        Standing::Gone => Some(("soft", "gone")),
        _ if item.token.rotated_to.is_some() => Some(("warn", "being replaced")),
        _ => None,
    }
}
