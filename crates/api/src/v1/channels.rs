//! `/v1/channels`: the ways out.

use app::channels::{ChannelItem, list_channels};
use app::deliver::test_channel;
use axum::Json;
use axum::extract::State;
use domain::kernel::{ChannelId, Instant};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::{LIST, Page, paged, window};
use crate::guard::Caller;
use crate::problem::{Kind, Problem};
use crate::request::{Cursors, JsonOrNothing, Named, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

/// A way out, and how it does.
#[derive(Serialize, ToSchema)]
#[schema(as = Channel)]
pub struct ChannelBody {
    /// The key of its table in the configuration.
    pub id: String,
    /// `email`, `webhook`, `outbox`, …
    pub kind: String,
    /// `ok`, `failing`, or `broken` when the channel itself refuses us.
    pub state: &'static str,
    /// Whether what it accepts is put before a person.
    pub reaches_persons: bool,
    /// Whether it is told by itself (a chat room, a webhook).
    pub shared: bool,
    /// Since when nothing could be delivered.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failing_since: Option<Instant>,
    /// Why.
    pub detail: Option<String>,
}

/// To whom a test goes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = TestChannel)]
#[serde(deny_unknown_fields, default)]
pub struct TestBody {
    /// An address, a person's id or `team:NAME`; the person who asks if not given.
    /// Channels that are told by themselves need none.
    pub to: Option<String>,
}

/// A test on its way.
#[derive(Serialize, ToSchema)]
#[schema(as = Test)]
pub struct TestedBody {
    /// The message, also its Message-ID or `webhook-id`.
    pub message: String,
}

/// All calls below `/v1/channels`.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/channels", Needs::Scope("channels:read"), list)
            .says("Lists the ways out and how they do.")
            .takes(LIST)
            .lists::<ChannelBody>(),
        Route::post(
            "/v1/channels/{id}/test",
            Needs::Scope("channels:write"),
            test,
        )
        .says("Sends a test on the very path that warnings take; the answer does not wait for it: `/v1/messages/{id}` tells what became of it.")
        .reads::<TestBody>()
        .answers::<TestedBody>(StatusCode::ACCEPTED),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Json<Page<ChannelBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_channels(&api.ctx, &caller).await?;
    let shown = window(all, &page, |channel| channel.id.as_str());
    Ok(paged(shown, &cursors, ChannelBody::from))
}

async fn test(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    JsonOrNothing { value: body, .. }: JsonOrNothing<TestBody>,
) -> Result<(StatusCode, Json<TestedBody>), Problem> {
    let unknown = |_| Problem::new(Kind::NotFound, "there is no channel of this id");
    let id = ChannelId::parse(id).map_err(unknown)?;
    let message = test_channel(&api.ctx, &caller, &id, body.to.as_deref()).await?;
    let message = message.to_string();
    Ok((StatusCode::ACCEPTED, Json(TestedBody { message })))
}

impl From<ChannelItem> for ChannelBody {
    fn from(channel: ChannelItem) -> Self {
        let (failing_since, detail) = channel.failing.unzip();
        Self {
            state: match (channel.is_broken, &detail) {
                (true, _) => "broken",
                (false, Some(_)) => "failing",
                (false, None) => "ok",
            },
            id: channel.id.into(),
            kind: channel.kind,
            reaches_persons: channel.reaches_persons,
            shared: channel.is_shared,
            failing_since: failing_since.flatten(),
            detail,
        }
    }
}
