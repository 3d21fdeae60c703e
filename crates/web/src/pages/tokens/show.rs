//! `/tokens/{id}`: one token: what it may do, how its rotation goes, what will be said.

use app::people::Names;
use app::tokens::{TokenItem, Which, first_use, foresee_token, get_token};
use app::{AppError, Principal};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::inventory::State as Standing;
use domain::kernel::{CredentialId, Instant};
use http::StatusCode;
use serde::Deserialize;

use super::fields::facts;
use super::foresee::Foresight;
use super::list::tag;
use crate::guard::SignedIn;
use crate::pages::credentials::left_of;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Left, NAME_CHARS, Reader, When, plain};
use crate::state::Web;

/// What an action says on the page it leads back to.
const SAID: &[(&str, &str)] = &[
    (
        "stored",
        "The value is not shown again. Everything else about the token is here.",
    ),
    (
        "revoked",
        "Revoked. Whatever uses it is refused from now on.",
    ),
    (
        "revoked-new",
        "Revoked. The old value of the rotation was not revoked: it works until its end, and nothing replaces it after that.",
    ),
];

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/tokens/{id}", Needs::Session, show)]
}

#[derive(Template)]
#[template(path = "tokens/show.html")]
struct TokenPage {
    shell: Shell,
    id: String,
    name: String,
    tag: Option<(&'static str, &'static str)>,
    /// When it was revoked; its end means nothing then.
    revoked: Option<When>,
    left: Option<Left>,
    ends: Option<When>,
    created: Option<When>,
    used: Option<When>,
    facts: Vec<(&'static str, String)>,
    rotation: Vec<Value>,
    foresight: Foresight,
    lives: bool,
    may_rotate: bool,
    may_revoke: bool,
}

/// One of the two values of a rotation.
pub(super) struct Value {
    pub(super) title: &'static str,
    pub(super) id: String,
    pub(super) is_this: bool,
    pub(super) ends: Option<When>,
    pub(super) over: bool,
    pub(super) revoked: bool,
    pub(super) used: Option<When>,
    pub(super) first_used: Option<When>,
    /// Whether the use of the other ends this one.
    pub(super) ends_on_use: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    said: Option<String>,
}

async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    let principal = who.principal();
    let item = get_token(&web.ctx, principal, &Which::Id(id)).await?;
    let shell = Shell::load(&web, &who, Place::Integrations, "API token").await?;
    let names = Names::load(&web.ctx).await?;
    let forecast = foresee_token(&web.ctx, principal, &Which::id(&item.token.id)).await?;
    let reader = &shell.reader;
    let lives = matches!(
        item.credential.state(reader.now),
        Standing::Active | Standing::Suspended | Standing::UnknownEnd
    );
    let page = TokenPage {
        id: item.token.id.to_string(),
        name: plain(item.credential.name.as_str(), NAME_CHARS),
        tag: tag(&item, reader),
        revoked: item.credential.revoked_at.map(|at| reader.when(at)),
        left: item
            .credential
            .expires_at()
            .map(|end| left_of(&item.credential, end, reader)),
        ends: item.credential.expires_at().map(|end| reader.when(end)),
        created: item.credential.created_at.map(|at| reader.when(at)),
        used: item.credential.last_used_at.map(|at| reader.when(at)),
        // Its id stands above.
        facts: facts(&item, &names)
            .into_iter()
            .filter(|(term, _)| *term != "Id")
            .collect(),
        rotation: rotation(&web, principal, &item, reader).await?,
        foresight: Foresight::of(&forecast, &names, reader),
        lives,
        may_rotate: lives && item.token.rotated_to.is_none() && may_rotate(principal, &item),
        may_revoke: lives && may_revoke(principal, &item),
        shell: shell.said(done.said.as_deref(), SAID),
    };
    Ok(render(StatusCode::OK, &page))
}

/// Whether it is worth offering; the use case decides.
pub(super) fn may_rotate(principal: &Principal, item: &TokenItem) -> bool {
    let own = item.credential.owner.as_ref() == Some(&principal.owner);
    principal.token.as_ref() == Some(&item.token.id)
        || principal.holds("tokens:issue") && (own || principal.holds("tokens:issue-for-others"))
}

fn may_revoke(principal: &Principal, item: &TokenItem) -> bool {
    let own = item.credential.owner.as_ref() == Some(&principal.owner);
    principal.holds("tokens:revoke")
        || match &principal.token {
            Some(token) => *token == item.token.id,
            None => own,
        }
}

/// The old value and the new one, where this is one of the two.
async fn rotation(
    web: &Web,
    principal: &Principal,
    item: &TokenItem,
    reader: &Reader,
) -> Result<Vec<Value>, Problem> {
    let (before, after) = (&item.token.rotated_from, &item.token.rotated_to);
    let mut values = Vec::new();
    if let Some(id) = before {
        let ends_on_use = item.token.ends_on_first_use.as_ref() == Some(id);
        values.extend(value(web, principal, id, "The value before", ends_on_use, reader).await?);
    }
    let title = match (before, after) {
        (None, None) => return Ok(values),
        (_, Some(_)) => "The old value",
        (_, None) => "The new value",
    };
    let first = first_use(&web.ctx, &item.credential).await?;
    values.push(Value::of(item, first, title, true, reader));
    if let Some(id) = after {
        let new = value(web, principal, id, "The new value", false, reader).await?;
        if let Some(new) = new {
            values.push(new);
        }
    }
    Ok(values)
}

async fn value(
    web: &Web,
    principal: &Principal,
    id: &CredentialId,
    title: &'static str,
    ends_on_use: bool,
    reader: &Reader,
) -> Result<Option<Value>, Problem> {
    match get_token(&web.ctx, principal, &Which::id(id)).await {
        Ok(other) => {
            let first = first_use(&web.ctx, &other.credential).await?;
            Ok(Some(Value {
                ends_on_use,
                ..Value::of(&other, first, title, false, reader)
            }))
        }
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Value {
    fn of(
        item: &TokenItem,
        first: Option<Instant>,
        title: &'static str,
        is_this: bool,
        reader: &Reader,
    ) -> Self {
        let credential = &item.credential;
        let end = credential.revoked_at.or(credential.expires_at());
        Self {
            title,
            id: item.token.id.to_string(),
            is_this,
            ends: end.map(|end| reader.when(end)),
            over: end.is_some_and(|end| end <= reader.now),
            revoked: credential.revoked_at.is_some(),
            used: credential.last_used_at.map(|at| reader.when(at)),
            first_used: first.map(|at| reader.when(at)),
            ends_on_use: false,
        }
    }
}
