//! The six calls that users and groups have in common.

use app::people::provisioned;
use app::{AppError, Context, Principal};
use axum::extract::State;
use domain::people::Directory;
use http::StatusCode;
use serde_json::Value;

use super::answer::{Document, Made};
use super::list::list;
use super::patch;
use super::query::{Posted, Window, narrow};
use super::resource::base;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Named, Params};
use crate::state::Api;

/// What is provisioned: persons as users, teams as groups.
pub(super) trait Resource: Sized + Send + Sync + 'static {
    /// What a document wants of one.
    type Wish: Send;

    /// What is not there, as a refusal names it.
    const UNKNOWN: &'static str;

    /// Those whom a provisioning system may see.
    fn all(directory: &Directory) -> impl Iterator<Item = &Self>;

    fn id(&self) -> &str;

    /// As a document.
    fn show(&self, directory: &Directory, base: &str) -> Value;

    /// Reads a document; `None` for one who is new. What it does not mention stays.
    fn read(document: &Value, before: Option<&Self>) -> Result<Self::Wish, Problem>;

    fn admit(
        ctx: &Context,
        caller: &Principal,
        wish: Self::Wish,
    ) -> impl Future<Output = Result<Self, AppError>> + Send;

    fn keep(
        ctx: &Context,
        caller: &Principal,
        id: &str,
        decide: impl Fn(&Self, &Directory) -> Result<Self::Wish, Problem> + Send + Sync,
    ) -> impl Future<Output = Result<Self, Problem>> + Send;

    fn dismiss(
        ctx: &Context,
        caller: &Principal,
        id: &str,
    ) -> impl Future<Output = Result<(), AppError>> + Send;
}

pub(super) async fn find<R: Resource>(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
) -> Result<Document, Problem> {
    let window = Window::of(&params)?;
    let directory = provisioned(&api.ctx, &caller).await?;
    let base = base(&api.ctx);
    let all = R::all(&directory).map(|one| one.show(&directory, &base));
    Ok(Document(list(all, &window, &params)))
}

pub(super) async fn one<R: Resource>(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    params: Params,
) -> Result<Document, Problem> {
    let directory = provisioned(&api.ctx, &caller).await?;
    let found = R::all(&directory).find(|one| one.id() == id);
    let found = found.ok_or_else(|| AppError::not_found(R::UNKNOWN))?;
    let mut document = found.show(&directory, &base(&api.ctx));
    narrow(&mut document, &params);
    Ok(Document(document))
}

pub(super) async fn create<R: Resource>(
    State(api): State<Api>,
    Caller(caller): Caller,
    Posted(body): Posted,
) -> Result<Made, Problem> {
    let made = R::admit(&api.ctx, &caller, R::read(&body, None)?).await?;
    shown(&api, &caller, &made).await.map(Made)
}

pub(super) async fn replace<R: Resource>(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    Posted(body): Posted,
) -> Result<Document, Problem> {
    let decide = |before: &R, _: &Directory| R::read(&body, Some(before));
    let kept = R::keep(&api.ctx, &caller, &id, decide).await?;
    shown(&api, &caller, &kept).await.map(Document)
}

pub(super) async fn change<R: Resource>(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    Posted(body): Posted,
) -> Result<Document, Problem> {
    let base = base(&api.ctx);
    let decide = |before: &R, directory: &Directory| {
        let mut document = before.show(directory, &base);
        patch::apply(&mut document, &body)?;
        R::read(&document, Some(before))
    };
    let kept = R::keep(&api.ctx, &caller, &id, decide).await?;
    shown(&api, &caller, &kept).await.map(Document)
}

pub(super) async fn remove<R: Resource>(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    R::dismiss(&api.ctx, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One as it stands after a change, among everybody who is there then.
async fn shown<R: Resource>(api: &Api, caller: &Principal, one: &R) -> Result<Value, Problem> {
    let directory = provisioned(&api.ctx, caller).await?;
    Ok(one.show(&directory, &base(&api.ctx)))
}
