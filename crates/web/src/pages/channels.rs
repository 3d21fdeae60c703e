//! `/channels`: the ways out, the sick ones first, a test on the very path that warnings
//! take, and what went out and became of it.

use app::channels::{ChannelItem, list_channels};
use app::deliver::{list_messages, test_channel};
use app::people::Names;
use app::ports::{Cursor, MessageFilter, PageRequest};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::kernel::ChannelId;
use domain::notice::{Message, MessageKind, MessageState};
use http::StatusCode;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, Reader, When, count, path_part, plain};
use crate::state::Web;

/// What went wrong is cut at so many characters.
const TEXT_CHARS: usize = 400;
/// So many messages stand on a page.
const MESSAGES: u32 = 25;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/channels", Needs::Scope("channels:read"), show),
        Route::post("/channels/{id}/test", Needs::Scope("channels:write"), test).takes(&["to"]),
    ]
}

const SAID: &[(&str, &str)] = &[(
    "sent",
    "A test is on its way. If it does not arrive within minutes, this page says why.",
)];

#[derive(Template)]
#[template(path = "channels.html")]
struct ChannelsPage {
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    may: bool,
    reach: bool,
    ledger: Vec<Sent>,
    /// Where the older messages stand.
    older: Option<String>,
    /// Whether these are not the newest.
    is_older: bool,
}

/// A message, and what became of it.
struct Sent {
    at: When,
    whom: String,
    what: String,
    channel: String,
    class: &'static str,
    state: &'static str,
    why: Option<String>,
}

struct Row {
    id: String,
    name: String,
    kind: String,
    class: &'static str,
    state: &'static str,
    why: Option<String>,
    whom: &'static str,
    asks: bool,
    /// Whether what was typed for its test is refused.
    is_refused: bool,
}

async fn show(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    page(&web, &who, StatusCode::OK, None, &query).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    refused: Option<(ChannelId, Form)>,
    query: &Entries,
) -> Result<Response, Problem> {
    let (at, form) = refused.map_or_else(Default::default, |(id, form)| (Some(id), form));
    let shell = Shell::load(web, who, Place::Channels, "Channels").await?;
    let mut channels = list_channels(&web.ctx, who.principal()).await?;
    channels.sort_by_key(|c| (c.failing.is_none(), c.id.clone()));
    let after = query.some("after").map(Cursor);
    let asked = PageRequest {
        limit: MESSAGES,
        after: after.clone(),
    };
    let all = MessageFilter::default();
    let messages = list_messages(&web.ctx, who.principal(), &all, &asked).await?;
    let names = Names::load(&web.ctx).await?;
    let sent = messages.items.iter();
    let page = ChannelsPage {
        reach: channels.iter().any(|c| c.reaches_persons),
        rows: channels
            .iter()
            .map(|c| row(c, at.as_ref() == Some(&c.id), &shell.reader))
            .collect(),
        form,
        may: who.principal().holds("channels:write"),
        ledger: sent.map(|m| Sent::of(m, &names, &shell.reader)).collect(),
        older: messages.next.map(|next| {
            let query = Entries::of(&[("after", &next.0)]).to_query(&[]);
            format!("/channels?{query}#ledger-head")
        }),
        is_older: after.is_some(),
        shell: shell.said(query.some("said").as_deref(), SAID),
    };
    Ok(render(status, &page))
}

fn row(channel: &ChannelItem, is_refused: bool, reader: &Reader) -> Row {
    let why = channel.failing.as_ref().map(|(since, why)| match since {
        Some(at) => format!(
            "Nothing could be delivered since {}: {why}",
            reader.day(*at)
        ),
        None => format!("Nothing can be delivered: {why}"),
    });
    let (class, state) = match (channel.is_broken, &why) {
        (true, _) => ("crit", "broken"),
        (false, Some(_)) => ("crit", "failing"),
        (false, None) => ("ok", "delivers"),
    };
    Row {
        id: path_part(channel.id.as_str()),
        name: plain(channel.id.as_str(), NAME_CHARS),
        kind: plain(&channel.kind, NAME_CHARS),
        class,
        state,
        why: why.map(|text| plain(&text, TEXT_CHARS)),
        whom: match (channel.is_shared, channel.reaches_persons) {
            (true, true) => "a room in which people read",
            (true, false) => "a machine",
            (false, true) => "people and teams, each in a message of their own",
            (false, false) => "nobody: it keeps what it is given",
        },
        asks: !channel.is_shared,
        is_refused,
    }
}

impl Sent {
    fn of(message: &Message, names: &Names, reader: &Reader) -> Self {
        let (class, state) = became(message.state);
        let failed = matches!(message.state, MessageState::Queued | MessageState::Failed);
        let why = message.last_error.as_ref().filter(|_| failed);
        Self {
            at: reader.when(message.closed_at.unwrap_or(message.created_at)),
            whom: plain(&names.recipient(&message.recipient), NAME_CHARS),
            what: match message.kind {
                MessageKind::Notices => count(message.notices.len() as u64, "notice"),
                MessageKind::Baseline => "first import".to_owned(),
                MessageKind::Test => "a test".to_owned(),
                MessageKind::Proof => "weekly proof that somebody can be reached".to_owned(),
                MessageKind::Question => "a question whether the address is right".to_owned(),
            },
            channel: plain(message.channel.as_str(), NAME_CHARS),
            class,
            state,
            why: why.map(|text| plain(text, TEXT_CHARS)),
        }
    }
}

/// What became of a message, as a tag.
const fn became(state: MessageState) -> (&'static str, &'static str) {
    match state {
        MessageState::Collecting | MessageState::Queued => ("soft", "waits"),
        MessageState::Sending => ("soft", "is being sent"),
        MessageState::Accepted => ("ok", "accepted"),
        MessageState::Unconfirmed => ("warn", "perhaps accepted"),
        MessageState::Superseded => ("soft", "no longer true"),
        MessageState::Joined => ("soft", "sent within another message"),
        MessageState::Failed => ("crit", "failed"),
    }
}

async fn test(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let unknown = |_| Problem::from(app::AppError::not_found("this channel"));
    let channel = ChannelId::parse(id).map_err(unknown)?;
    let to = entries.some("to");
    match test_channel(&web.ctx, who.principal(), &channel, to.as_deref()).await {
        Ok(_) => Ok(Redirect::to("/channels?said=sent").into_response()),
        Err(error) => {
            let form = Form::again(entries).refused(error, &["to"])?;
            let none = Entries::default();
            page(
                &web,
                &who,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some((channel, form)),
                &none,
            )
            .await
        }
    }
}
