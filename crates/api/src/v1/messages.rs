//! `/v1/messages`: what was sent to whom, and what the other side said.

use app::deliver::{list_messages, message};
use app::people::Names;
use app::ports::MessageFilter;
use axum::Json;
use axum::extract::State;
use domain::kernel::{AlertId, ChannelId, Instant, MessageId};
use domain::notice::{Attempt, Message, MessageState};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::page::{LIST, Page, paged};
use crate::guard::Caller;
use crate::problem::{Kind as ProblemKind, Problem};
use crate::request::{Cursors, Named, Param, ParamKind as Kind, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

const FILTERS: &[Param] = &[
    Param::new(
        "state",
        Kind::Text,
        "In this state, such as `queued`, `accepted` or `failed`.",
    ),
    Param::new("channel", Kind::Text, "Over the channel of this id."),
    Param::new(
        "alert",
        Kind::Text,
        "Carrying a notice of the alert of this id.",
    ),
];

/// A message and how it does.
#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageBody {
    /// Its id, also its Message-ID or `webhook-id`.
    pub id: String,
    /// `notices`, `baseline`, `test`, `proof` or `question`.
    pub kind: &'static str,
    /// Over which channel.
    pub channel: String,
    /// Who hears: `person:ID`, `team:ID`, `address:EMAIL` or `channel:ID`.
    pub recipient: String,
    /// What they are called.
    pub recipient_name: String,
    /// `collecting`, `queued`, `sending`, `accepted`, `unconfirmed`, `superseded`, `joined`
    /// (its notices went along with another message) or `failed`.
    pub state: &'static str,
    /// How many notices it carries.
    pub notices: usize,
    /// How many attempts were begun.
    pub attempts: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// It does not go before.
    #[schema(value_type = String, format = DateTime)]
    pub not_before: Instant,
    /// When it reached its last state; `null` while it is under way.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Instant>,
    /// What the other side said when it accepted: reply and queue id, or status.
    pub receipt: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// One try to hand a message over.
#[derive(Serialize, ToSchema)]
#[schema(as = Attempt)]
pub struct AttemptBody {
    /// 1 for the first.
    pub number: u32,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Instant,
    /// When it ended; `null` if nobody lived to say.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    /// `accepted`, `retry`, `permanent`, `ambiguous`; empty while it runs.
    pub outcome: String,
    /// Reply or class of error.
    pub detail: String,
}

/// A message with every attempt.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageWithAttempts)]
pub struct WholeBody {
    /// The message.
    pub message: MessageBody,
    /// Every attempt, oldest first.
    pub attempts: Vec<AttemptBody>,
}

/// All calls below `/v1/messages`.
pub fn routes() -> Vec<Route> {
    let read = Needs::Scope("channels:read");
    vec![
        Route::get("/v1/messages", read, list)
            .says("Lists what was sent, and is to be, newest first. Closed messages are kept for a time.")
            .takes(FILTERS)
            .takes(LIST)
            .lists::<MessageBody>(),
        Route::get("/v1/messages/{id}", read, show)
            .says("Shows one message with every attempt and what the other side said.")
            .answers::<WholeBody>(StatusCode::OK),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Json<Page<MessageBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let named = |text: &str| MessageState::ALL.into_iter().find(|s| s.as_str() == text);
    let state = |text: &str| named(text).ok_or("is no state of a message");
    let filter = MessageFilter {
        state: params.parsed("state", state)?,
        channel: params.parsed("channel", |text| ChannelId::parse(text))?,
        alert: params.parsed("alert", |text| AlertId::parse(text))?,
    };
    let found = list_messages(&api.ctx, &caller, &filter, &page).await?;
    let names = Names::load(&api.ctx).await?;
    Ok(paged(found, &cursors, |message| body(message, &names)))
}

async fn show(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Json<WholeBody>, Problem> {
    let unknown = |_| Problem::new(ProblemKind::NotFound, "there is no message of this id");
    let id = MessageId::parse(id).map_err(unknown)?;
    let (message, attempts) = message(&api.ctx, &caller, &id).await?;
    let names = Names::load(&api.ctx).await?;
    Ok(Json(WholeBody {
        message: body(message, &names),
        attempts: attempts.into_iter().map(AttemptBody::from).collect(),
    }))
}

fn body(message: Message, names: &Names) -> MessageBody {
    MessageBody {
        recipient_name: names.recipient(&message.recipient),
        recipient: message.recipient.to_string(),
        id: message.id.into(),
        kind: message.kind.as_str(),
        channel: message.channel.into(),
        state: message.state.as_str(),
        notices: message.notices.len(),
        attempts: message.attempts,
        created_at: message.created_at,
        not_before: message.not_before,
        closed_at: message.closed_at,
        receipt: message.receipt,
        last_error: message.last_error,
    }
}

impl From<Attempt> for AttemptBody {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            outcome: attempt.outcome,
            detail: attempt.detail,
        }
    }
}
