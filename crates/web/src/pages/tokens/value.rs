//! The value of a token, in the answer that made it and never again.

use app::AppError;
use app::people::Names;
use app::tokens::{Issued, Which, foresee_token};
use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::fields::facts;
use super::foresee::Foresight;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{NAME_CHARS, When, plain};
use crate::state::Web;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::post("/tokens/download", Needs::Session, download).takes(&["value"])]
}

#[derive(Template)]
#[template(path = "tokens/value.html")]
struct ValuePage {
    shell: Shell,
    id: String,
    name: String,
    /// `None` when the answer with it went elsewhere.
    value: Option<String>,
    ends: Option<When>,
    facts: Vec<(&'static str, String)>,
    /// The one before, and until when its value works.
    old: Option<(String, Option<When>)>,
    public_url: String,
    foresight: Option<Foresight>,
}

/// Shows a new token with its value.
pub(super) async fn page(
    web: &Web,
    who: &SignedIn,
    issued: &Issued,
    title: &str,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Integrations, title).await?;
    let names = Names::load(&web.ctx).await?;
    let (credential, token) = (&issued.item.credential, &issued.item.token);
    let own = Which::id(&token.id);
    // Who may issue for others need not see it afterwards.
    let forecast = match foresee_token(&web.ctx, who.principal(), &own).await {
        Ok(forecast) => Some(forecast),
        Err(AppError::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let old = match &token.rotated_from {
        Some(id) => {
            let old = app::tokens::get_token(&web.ctx, who.principal(), &Which::id(id)).await;
            let end = old.ok().and_then(|old| old.credential.expires_at());
            Some((id.to_string(), end.map(|end| shell.reader.when(end))))
        }
        None => None,
    };
    let page = ValuePage {
        id: token.id.to_string(),
        name: plain(credential.name.as_str(), NAME_CHARS),
        value: issued.value.as_ref().map(|value| value.expose().clone()),
        ends: credential.expires_at().map(|end| shell.reader.when(end)),
        facts: facts(&issued.item, &names),
        old,
        public_url: web.ctx.settings.load().public_url.clone(),
        foresight: forecast.map(|forecast| Foresight::of(&forecast, &names, &shell.reader)),
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Sends values back as a file, one a line. The page that shows them holds them already;
/// they are asked for in a form, so that no history keeps them.
async fn download(entries: Entries) -> Result<Response, Problem> {
    let values = entries.all("value");
    let ids = values
        .iter()
        .map(|value| domain::token::parse(value).map(|parsed| parsed.id));
    let ids: Result<Vec<_>, _> = ids.collect();
    let file = match ids.as_deref() {
        Ok([id]) => format!("attachment; filename=\"forewarn-token-{id}.txt\""),
        Ok([_, ..]) => "attachment; filename=\"forewarn-tokens.txt\"".to_owned(),
        Ok([]) | Err(_) => return Err(Problem::unreadable_form()),
    };
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, file),
    ];
    Ok((headers, format!("{}\n", values.join("\n"))).into_response())
}
