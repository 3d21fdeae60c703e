//! `/`: for a stranger, what this server is; for who is signed in, what ends next.

use app::credentials::list_credentials;
use app::people::Names;
use app::ports::{CredentialFilter, CredentialSort, PageRequest};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::inventory::{Credential, State as Standing};
use http::StatusCode;

use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Left, NAME_CHARS, Reader, When, count, path_part, plain};
use crate::state::Web;

/// So many rows are shown.
const ROWS: u32 = 20;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/", Needs::Nothing, show)]
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    shell: Shell,
    lead: String,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    source: String,
    kind: String,
    left: Left,
    when: When,
    owner: Option<String>,
    team: Option<String>,
}

async fn show(State(web): State<Web>, who: Option<SignedIn>) -> Result<Response, Problem> {
    let Some(who) = who else {
        return Ok(render(StatusCode::OK, &Front));
    };
    let filter = CredentialFilter {
        states: vec![Standing::Active],
        expires_after: Some(web.ctx.now()),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let page = PageRequest {
        limit: ROWS,
        after: None,
    };
    let found = list_credentials(&web.ctx, who.principal(), filter, &page).await?;
    let shell = Shell::load(&web, &who, Place::Overview, "Overview").await?;
    let names = Names::load(&web.ctx).await?;
    let each = found.items.iter();
    let rows = each.filter_map(|item| row(&item.credential, &names, &shell.reader));
    let rows: Vec<Row> = rows.collect();
    let lead = match &found.next {
        Some(_) => format!("The next {}.", count(u64::from(ROWS), "end")),
        None => format!("{} ahead.", count(rows.len() as u64, "end")),
    };
    Ok(render(StatusCode::OK, &Overview { shell, lead, rows }))
}

fn row(credential: &Credential, names: &Names, reader: &Reader) -> Option<Row> {
    let end = credential.expires_at()?;
    let short = |text: &str| plain(text, NAME_CHARS);
    let owner = credential.owner.as_ref().and_then(|o| names.owner(o));
    let team = credential.team.as_ref().and_then(|t| names.team(t));
    Some(Row {
        id: path_part(credential.id.as_str()),
        name: short(credential.name.as_str()),
        source: short(credential.source.as_str()),
        kind: short(&credential.kind),
        left: reader.left(end),
        when: reader.when(end),
        owner: owner.map(|text| short(&text)),
        team: team.map(|text| short(&text)),
    })
}
