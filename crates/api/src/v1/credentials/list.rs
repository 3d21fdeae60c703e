//! Reading the inventory.

use app::Context;
use app::credentials::{CredentialItem, get_credential, list_credentials};
use app::people::Names;
use app::ports::CredentialFilter;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::kernel::SourceId;
use http::StatusCode;

use super::CredentialBody;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Named, Params, page_of};
use crate::state::Api;
use crate::v1::tokens::read_filter;
use crate::v1::{Page, paged, tagged};

/// `GET /v1/credentials`
pub async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Json<Page<CredentialBody>>, Problem> {
    let now = api.ctx.now();
    let filter = selection(&api.ctx, &params).await?;
    let page = page_of(&params, &cursors)?;
    let found = list_credentials(&api.ctx, &caller, filter, &page).await?;
    let names = Names::load(&api.ctx).await?;
    Ok(paged(found, &cursors, |item| {
        CredentialBody::of(item, &names, now)
    }))
}

/// `GET /v1/credentials/{id}`
pub async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let item = get_credential(&api.ctx, &caller, &id).await?;
    shown(&api, item).await
}

/// One credential with its version.
///
/// # Errors
/// The store's.
pub async fn shown(api: &Api, item: CredentialItem) -> Result<Response, Problem> {
    let names = Names::load(&api.ctx).await?;
    let version = item.credential.version;
    let body = CredentialBody::of(item, &names, api.ctx.now());
    Ok(tagged(StatusCode::OK, version, body))
}

/// Which credentials a query asks for.
///
/// # Errors
/// 422, naming the parameter.
pub async fn selection(ctx: &Context, params: &Params) -> Result<CredentialFilter, Problem> {
    let mut filter = read_filter(ctx, params).await?;
    filter.source = params.parsed("source", |id| SourceId::parse(id))?;
    filter.orphaned = params.flag("orphaned")?;
    if let Some(since) = params.instant("unused_since")? {
        let before = filter.last_used_before.map_or(since, |at| at.min(since));
        filter.last_used_before = Some(before);
    }
    Ok(filter)
}
