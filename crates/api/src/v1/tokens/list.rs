//! Reading tokens.

use app::tokens::{Which, get_token, list_tokens, token_self};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::{TokenBody, read_filter};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Named, Params, page_of};
use crate::state::Api;
use crate::v1::{Page, paged, tagged};

/// `GET /v1/tokens`
pub async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Json<Page<TokenBody>>, Problem> {
    let now = api.ctx.now();
    let filter = read_filter(&api.ctx, &params).await?;
    let page = page_of(&params, &cursors)?;
    let found = list_tokens(&api.ctx, &caller, filter, &page).await?;
    Ok(paged(found, &cursors, |item| TokenBody::of(item, now)))
}

/// `GET /v1/tokens/self`
pub async fn own(State(api): State<Api>, Caller(caller): Caller) -> Result<Response, Problem> {
    let item = token_self(&api.ctx, &caller).await?;
    Ok(shown(&api, item))
}

/// `GET /v1/tokens/{id}`
pub async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let item = get_token(&api.ctx, &caller, &Which::Id(id)).await?;
    Ok(shown(&api, item))
}

/// One token with its version.
pub fn shown(api: &Api, item: app::tokens::TokenItem) -> Response {
    let version = item.credential.version;
    tagged(StatusCode::OK, version, TokenBody::of(item, api.ctx.now()))
}
