//! `/credentials`: one table over everything, and what is done to several rows at once.

mod act;
mod filter;
mod row;

use app::credentials::list_standings;
use app::people::Names;
use app::ports::{Cursor, PageRequest};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::Form;
use crate::state::Web;

pub(crate) use act::SAID;
pub(crate) use row::{Row, Steps, owner_of, use_of};

/// Rows of a page.
const ROWS: u32 = 50;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/credentials", Needs::Session, show),
        Route::post("/credentials/act", Needs::Session, act::act).takes(&act::FIELDS),
    ]
}

#[derive(Template)]
#[template(path = "credentials.html")]
struct CredentialsPage {
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    sources: Vec<String>,
    /// The address of this page, to come back to.
    back: String,
    /// The query of the next page.
    next: Option<String>,
    first: Option<String>,
    filtered: bool,
}

impl CredentialsPage {
    /// Whether a choice of a field is the one that counts.
    fn is(&self, name: &str, value: &str) -> bool {
        self.form.get(name) == value
    }
}

async fn show(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Credentials, "Credentials").await?;
    let wanted = filter::read(&web.ctx, &query).await?;
    let page = PageRequest {
        limit: ROWS,
        after: query.some("after").map(Cursor),
    };
    let found = list_standings(&web.ctx, who.principal(), wanted.filter, &page).await?;
    let names = Names::load(&web.ctx).await?;
    let rows = found
        .items
        .iter()
        .map(|s| Row::of(s, &names, &shell.reader));
    let rows: Vec<Row> = rows.collect();
    let own = query.to_query(&["after", "said"]);
    let next = found.next.map(|cursor| with(&own, "after", &cursor.0));
    let page = CredentialsPage {
        rows,
        sources: names.sources(),
        back: address(&query.to_query(&["said"])),
        next,
        first: query.some("after").map(|_| address(&own)),
        filtered: !own.is_empty(),
        form: wanted.form,
        shell: shell.said(query.some("said").as_deref(), SAID),
    };
    Ok(render(StatusCode::OK, &page))
}

fn address(query: &str) -> String {
    match query {
        "" => "/credentials".to_owned(),
        query => format!("/credentials?{query}"),
    }
}

fn with(query: &str, name: &str, value: &str) -> String {
    let mut made = url::form_urlencoded::Serializer::new(query.to_owned());
    address(&made.append_pair(name, value).finish())
}
