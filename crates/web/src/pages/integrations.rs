//! `/integrations`: what lets programs in, and where it is looked after.

use app::ports::{CredentialFilter, CredentialSort, PageRequest};
use app::tokens::list_tokens;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::inventory::State as Standing;
use http::StatusCode;

use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Left, NAME_CHARS, plain};
use crate::state::Web;

/// So many are looked at for the one that ends first.
const FIRST: u32 = 20;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/integrations", Needs::Session, show)]
}

#[derive(Template)]
#[template(path = "integrations.html")]
struct Integrations {
    shell: Shell,
    may_issue: bool,
    /// Whether sources and channels are the reader's to see.
    sources: bool,
    channels: bool,
    /// The token that ends first, and when.
    first: Option<(String, Left)>,
}

async fn show(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Integrations, "Integrations").await?;
    let filter = CredentialFilter {
        states: vec![Standing::Active],
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let page = PageRequest {
        limit: FIRST,
        after: None,
    };
    let found = list_tokens(&web.ctx, who.principal(), filter, &page).await?;
    // The old value of a rotation ends by itself.
    let mut items = found.items.iter();
    let first = items.find(|item| !item.credential.in_overlap);
    let first = first.and_then(|item| {
        let name = plain(item.credential.name.as_str(), NAME_CHARS);
        Some((name, shell.reader.left(item.credential.expires_at()?)))
    });
    let page = Integrations {
        may_issue: who.principal().holds("tokens:issue"),
        sources: who.principal().holds("sources:read"),
        channels: who.principal().holds("channels:read"),
        first,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}
