//! `/credentials`: one table over everything, and what is done to several rows at once.

mod act;
mod ask;
mod export;
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
pub(crate) use row::{Row, Steps, is_living, left_of, owner_of, presses, use_of};

/// Rows of a page.
const ROWS: u32 = 50;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/credentials", Needs::Session, show),
        Route::get("/credentials.csv", Needs::Session, export::csv),
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
    /// Where the same selection is to be had as a file.
    csv: String,
    views: Vec<View>,
    filtered: bool,
    /// Whether what others answer for is seen too.
    sees_all: bool,
}

/// A selection that many ask for.
struct View {
    href: String,
    label: &'static str,
    is_current: bool,
}

/// What stands above the table: the query of each, and its name.
const VIEWS: [(&str, &str); 7] = [
    ("", "All that work"),
    ("expires_within=7d", "Within 7 days"),
    ("expires_within=30d", "Within 30 days"),
    ("orphaned=true", "Without an owner"),
    ("state=unknown_end", "End not known"),
    ("view=ended", "Ended"),
    ("state=any&sort=newest", "Newest"),
];

fn views(own: &str) -> Vec<View> {
    // What a form sends without need says nothing.
    let own = own.replace("&sort=expires_at", "");
    let own = own
        .trim_start_matches("sort=expires_at")
        .trim_start_matches('&');
    let view = |(query, label): (&'static str, &'static str)| View {
        href: address(query),
        label,
        is_current: query == own,
    };
    VIEWS.map(view).into()
}

impl CredentialsPage {
    /// Whether some row can be rotated or revoked here.
    fn any_token(&self) -> bool {
        self.rows.iter().any(|row| row.is_token)
    }

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
        csv: match own.as_str() {
            "" => "/credentials.csv".to_owned(),
            query => format!("/credentials.csv?{query}"),
        },
        views: views(&own),
        filtered: !own.is_empty(),
        sees_all: who.principal().holds("credentials:read"),
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
