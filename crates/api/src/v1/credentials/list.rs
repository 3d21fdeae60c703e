//! Reading the inventory.

use app::credentials::{CredentialItem, get_credential, list_credentials};
use app::ports::CredentialFilter;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::kernel::{Instant, SourceId};
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
    let filter = selection(&params, now)?;
    let page = page_of(&params, &cursors)?;
    let found = list_credentials(&api.ctx, &caller, filter, &page).await?;
    Ok(paged(found, &cursors, |item| CredentialBody::of(item, now)))
}

/// `GET /v1/credentials/{id}`
pub async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Response, Problem> {
    let item = get_credential(&api.ctx, &caller, &id).await?;
    Ok(shown(&api, item))
}

/// One credential with its version.
pub fn shown(api: &Api, item: CredentialItem) -> Response {
    let version = item.credential.version;
    tagged(
        StatusCode::OK,
        version,
        CredentialBody::of(item, api.ctx.now()),
    )
}

/// Which credentials a query asks for.
///
/// # Errors
/// 422, naming the parameter.
pub fn selection(params: &Params, now: Instant) -> Result<CredentialFilter, Problem> {
    let mut filter = read_filter(params, now)?;
    filter.source = params.parsed("source", |id| SourceId::parse(id))?;
    filter.orphaned = params.flag("orphaned")?;
    if let Some(since) = params.instant("unused_since")? {
        let before = filter.last_used_before.map_or(since, |at| at.min(since));
        filter.last_used_before = Some(before);
    }
    Ok(filter)
}
