//! `/v1/sources`: the systems whose credentials are watched.

use app::Underway;
use app::ports::{Held, ReadCounts};
use app::sources::{
    SourceItem, accept_source, forget_source, get_source, list_sources, request_sync,
};
use axum::Json;
use axum::extract::State;
use domain::kernel::Instant;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::page::{LIST, Page, paged, window};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Named, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

/// How a source does.
#[derive(Serialize, ToSchema)]
#[schema(as = Source)]
pub struct SourceBody {
    /// The key of its table in the configuration.
    pub id: String,
    /// `foundry`, …
    pub system: String,
    /// `new` before the first read went through, `ok`, `partial` while not the whole of it
    /// is read, `held` while it lacks most of what it had, `failing`.
    pub state: &'static str,
    /// When the last read began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub attempted_at: Option<Instant>,
    /// When the last read ended, however it went.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    /// When a read last went through without error.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub succeeded_at: Option<Instant>,
    /// When a read last saw everything.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub complete_at: Option<Instant>,
    /// When a read last brought anything at all.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub told_at: Option<Instant>,
    /// Since when it fails.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failing_since: Option<Instant>,
    /// Why it fails.
    pub failing: Option<String>,
    /// Since when it is read only in part.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub partial_since: Option<Instant>,
    /// Why it is read only in part.
    pub partial: Option<String>,
    /// What it suddenly lacks; nothing of it is closed before somebody accepts it.
    pub held: Option<HeldBody>,
    /// The id of the credential that it is read with, where that is known.
    pub own_credential: Option<String>,
    /// Lines or items read in all.
    pub read: u64,
    /// Of these, unreadable.
    pub unreadable: u64,
    /// What the last read remarked.
    pub remarks: Vec<String>,
    /// What the last read that went through came to.
    pub last_read: Option<LastReadBody>,
    /// The read that is under way, if one is at this node.
    pub reading: Option<ReadingBody>,
}

/// What a whole listing suddenly lacked.
#[derive(Serialize, ToSchema)]
#[schema(as = HeldSource)]
pub struct HeldBody {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
    /// How many credentials.
    pub missing: u64,
    /// Of how many that work.
    pub of: u64,
}

/// What a read came to.
#[derive(Serialize, ToSchema)]
#[schema(as = LastRead)]
pub struct LastReadBody {
    /// Lines or items read.
    pub read: u64,
    /// Of these, unreadable.
    pub unreadable: u64,
    /// Credentials not known before.
    pub new: u64,
    /// Known credentials of which something is different, other than their last use.
    pub changed: u64,
    /// Known credentials that are revoked now.
    pub ended: u64,
    /// Credentials that two whole listings lacked.
    pub gone: u64,
}

/// A read that is under way.
#[derive(Serialize, ToSchema)]
#[schema(as = Reading)]
pub struct ReadingBody {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
    /// How many items were told so far.
    pub read: u64,
}

/// All calls below `/v1/sources`.
pub fn routes() -> Vec<Route> {
    let write = Needs::Scope("sources:write");
    vec![
        Route::get("/v1/sources", Needs::Scope("sources:read"), list)
            .says("Lists the sources and how they do.")
            .takes(LIST)
            .lists::<SourceBody>(),
        Route::delete("/v1/sources/{id}", write, forget)
            .says("Forgets a source that the configuration no longer names, with its credentials.")
            .answers_as(StatusCode::NO_CONTENT, ""),
        Route::get("/v1/sources/{id}", Needs::Scope("sources:read"), show)
            .says("Shows one source, and how far it is read where it is being read.")
            .answers::<SourceBody>(StatusCode::OK),
        Route::post("/v1/sources/{id}/accept", write, accept)
            .says("Closes what a held source suddenly lacked.")
            .answers::<SourceBody>(StatusCode::OK)
            .long(),
        Route::post("/v1/sources/{id}/sync", write, sync)
            .says("Has a source read now; the answer does not wait for it.")
            .answers::<SourceBody>(StatusCode::ACCEPTED),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Json<Page<SourceBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_sources(&api.ctx, &caller).await?;
    let shown = window(all, &page, |item| item.state.id.as_str());
    Ok(paged(shown, &cursors, SourceBody::from))
}

async fn sync(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<(StatusCode, Json<SourceBody>), Problem> {
    let item = request_sync(&api.ctx, &caller, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(SourceBody::from(item))))
}

async fn show(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Json<SourceBody>, Problem> {
    let item = get_source(&api.ctx, &caller, &id).await?;
    Ok(Json(SourceBody::from(item)))
}

async fn accept(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Json<SourceBody>, Problem> {
    let state = accept_source(&api.ctx, &caller, &id).await?;
    Ok(Json(SourceBody::from(SourceItem::of(&api.ctx, state))))
}

async fn forget(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    forget_source(&api.ctx, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<SourceItem> for SourceBody {
    fn from(item: SourceItem) -> Self {
        let source = item.state;
        let state = source.condition().as_str();
        let (failing_since, failing) = source.failing.unzip();
        let (partial_since, partial) = source.partial.unzip();
        Self {
            state,
            id: source.id.into(),
            system: source.system,
            attempted_at: source.attempted_at,
            ended_at: source.ended_at,
            succeeded_at: source.succeeded_at,
            complete_at: source.complete_at,
            told_at: source.told_at,
            failing_since,
            failing,
            partial_since,
            partial,
            held: source.held.map(HeldBody::from),
            own_credential: source.own.map(String::from),
            read: source.read,
            unreadable: source.unreadable,
            remarks: source.remarks,
            last_read: source.last.map(LastReadBody::from),
            reading: item.underway.map(ReadingBody::from),
        }
    }
}

impl From<Held> for HeldBody {
    fn from(held: Held) -> Self {
        Self {
            since: held.since,
            missing: held.missing,
            of: held.of,
        }
    }
}

impl From<ReadCounts> for LastReadBody {
    fn from(counts: ReadCounts) -> Self {
        Self {
            read: counts.read,
            unreadable: counts.unreadable,
            new: counts.new,
            changed: counts.changed,
            ended: counts.ended,
            gone: counts.gone,
        }
    }
}

impl From<Underway> for ReadingBody {
    fn from(underway: Underway) -> Self {
        Self {
            since: underway.since,
            read: underway.read,
        }
    }
}
